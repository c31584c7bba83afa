package dev.batchwright.examples;

import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.Joined;
import dev.batchwright.Request;
import dev.batchwright.Result;
import dev.batchwright.job.Mode;
import dev.batchwright.schema.Description;
import dev.batchwright.schema.Range;

import java.util.List;

/**
 * A model as a judge: it gives marks to answers, and each mark is joined to the answer that it is
 * about. For {@code gpt-5-mini}, or the simulator in its place.
 */
public final class JudgeAnswers {
    private JudgeAnswers() {}

    record Candidate(String id, String question, String answer) {}

    record Verdict(
            @Description("One sentence that says why.") String reason,
            @Description("From 1, wrong, to 5, perfect.") @Range(min = 1, max = 5) int mark) {}

    private static final List<Candidate> CANDIDATES =
            List.of(
                    new Candidate("moon-1", "How far away is the moon?", "About 384,000 km."),
                    new Candidate("moon-2", "How far away is the moon?", "Rather far."),
                    new Candidate("sum-1", "What is 17 + 25?", "42"));

    public static void main(String[] args) {
        try (var batchwright = Batchwright.open()) {
            Job<Verdict> job =
                    batchwright.submit(
                            JobSpec.of("judge")
                                    .model("gpt-5-mini")
                                    .mode(Mode.LIVE)
                                    .items(CANDIDATES, JudgeAnswers::request)
                                    .returning(Verdict.class));
            job.join(CANDIDATES, Candidate::id)
                    .map(JudgeAnswers::line)
                    .forEach(System.out::println);
        }
    }

    private static Request request(Candidate candidate) {
        return Request.chat()
                .id(candidate.id())
                .system("You mark answers strictly.")
                .user(
                        "Question: %s Answer: %s"
                                .formatted(candidate.question(), candidate.answer()));
    }

    private static String line(Joined<Candidate, Verdict> joined) {
        String id = joined.input().id();
        return switch (joined.result().orElseThrow()) {
            case Result.Succeeded<Verdict> judged ->
                    "%s: %d, %s".formatted(id, judged.value().mark(), judged.value().reason());
            case Result.Failed<Verdict> failed ->
                    "%s: no verdict, %s".formatted(id, failed.error().message());
        };
    }
}
