package dev.batchwright.examples;

import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.Request;
import dev.batchwright.Result;
import dev.batchwright.job.Mode;
import dev.batchwright.schema.Description;
import dev.batchwright.schema.Length;
import dev.batchwright.schema.Range;

import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Synthetic data: customers that do not exist, as instances of a record. For {@code gpt-5-mini}, or
 * the simulator in its place.
 */
public final class InventCustomers {
    private InventCustomers() {}

    enum Plan {
        FREE,
        TEAM,
        ENTERPRISE
    }

    record Customer(
            @Length(min = 1, max = 60) String name,
            @Range(min = 18, max = 99) int age,
            Plan plan,
            @Description("What they last wrote to support, if ever.") Optional<String> complaint) {}

    public static void main(String[] args) {
        // Each request says something else: the same one twice would be answered alike.
        Stream<Request> requests =
                IntStream.rangeClosed(1, 20)
                        .mapToObj(
                                number ->
                                        Request.chat()
                                                .id("customer-" + number)
                                                .user("Invent customer no. %d.".formatted(number)));
        try (var batchwright = Batchwright.open()) {
            Job<Customer> job =
                    batchwright.submit(
                            JobSpec.of("customers")
                                    .model("gpt-5-mini")
                                    .mode(Mode.LIVE)
                                    .items(requests)
                                    .returning(Customer.class));
            for (Result<Customer> result : job.resultsInOrder()) {
                switch (result) {
                    case Result.Succeeded<Customer> ok -> System.out.println(ok.value());
                    case Result.Failed<Customer> failed ->
                            System.out.println(failed.customId() + ": " + failed.error().message());
                }
            }
            System.out.println("Asked again: " + job.status().asked().requests());
        }
    }
}
