package dev.batchwright.examples;

import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.JobStatus;
import dev.batchwright.Request;
import dev.batchwright.answer.Reask;
import dev.batchwright.job.Mode;
import dev.batchwright.schema.Range;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What it costs to have every answer fit: a thousand tickets as records, each asked for once, and
 * then again where the answer does not fit. For {@code gpt-5-mini}, or the simulator in its place,
 * with {@code --broken-answers 15%}.
 */
public final class PriceOfAskingAgain {
    private static final int ITEMS = 1_000;
    private static final String ROW = "%-20s %10s %12s %8s %8s%n";

    private PriceOfAskingAgain() {}

    record Ticket(
            String title,
            @Range(min = 0, max = 1) double confidence,
            List<String> orders,
            Optional<String> phone) {}

    public static void main(String[] args) throws InterruptedException {
        try (var batchwright = Batchwright.open()) {
            System.out.printf(Locale.ROOT, ROW, "", "requests", "cost", "valid", "failed");
            double once = row(batchwright, "asked once", new Reask(1, 1_000));
            double again = row(batchwright, "asked again", Reask.DEFAULT);
            System.out.printf(
                    Locale.ROOT, "asking again cost %.1f %% more%n", (again / once - 1) * 100);
        }
    }

    private static double row(Batchwright batchwright, String name, Reask asking)
            throws InterruptedException {
        Job<Ticket> job =
                batchwright.submit(
                        JobSpec.of(name)
                                .model("gpt-5-mini")
                                .mode(Mode.LIVE)
                                .items(
                                        IntStream.range(0, ITEMS).boxed().toList(),
                                        number ->
                                                Request.chat()
                                                        .id("ticket-" + number)
                                                        .user("Classify ticket no. " + number))
                                .returning(Ticket.class)
                                .asking(asking));
        JobStatus end = job.awaitFinished();
        System.out.printf(
                Locale.ROOT,
                ROW,
                name,
                ITEMS + end.asked().requests(),
                end.progress().cost(),
                job.succeeded().count(),
                job.failed().count());
        return end.progress().cost().usd().doubleValue();
    }
}
