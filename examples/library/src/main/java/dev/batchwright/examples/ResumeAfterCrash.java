package dev.batchwright.examples;

import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.JobStatus;
import dev.batchwright.Request;
import dev.batchwright.job.Mode;

import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * To be killed while it runs, and started again: it finds its job, takes up the batch that it had
 * created, and pays for nothing twice. There is no code for that here, as the same job submitted
 * again is the same job. For {@code gpt-5-mini}, or the simulator in its place.
 */
public final class ResumeAfterCrash {
    private ResumeAfterCrash() {}

    public static void main(String[] args) throws InterruptedException {
        Stream<Request> questions =
                IntStream.rangeClosed(1, 200)
                        .mapToObj(
                                number -> "What is special about the number %d?".formatted(number))
                        .map(question -> Request.chat().user(question));
        try (var batchwright = Batchwright.open()) {
            Job<String> job =
                    batchwright.submit(
                            JobSpec.of("numbers")
                                    .model("gpt-5-mini")
                                    .mode(Mode.BATCH)
                                    .pollInterval(Duration.ofSeconds(1))
                                    .items(questions));
            System.out.println("The job is " + job.id());
            JobStatus end = job.awaitFinished();
            System.out.println(end.progress().succeeded() + " answered");
        }
    }
}
