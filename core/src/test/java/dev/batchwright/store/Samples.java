package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Jobs, items and outcomes to test with; each is a pure function of its arguments. */
final class Samples {
    private Samples() {}

    static JobSpec spec(String fingerprint) {
        return new JobSpec(
                "näme \"x\"",
                fingerprint,
                "data.jsonl",
                List.of("id", "te\txt"),
                Map.of(
                        "openai",
                        new JobSpec.Endpoint(
                                Optional.of("http://127.0.0.1:9/v1"), Optional.of("MY_KEY"))),
                Mode.LIVE,
                new JobSpec.LiveSettings(
                        OptionalInt.of(7),
                        OptionalLong.empty(),
                        OptionalLong.of(90_000),
                        4,
                        Duration.ofSeconds(90)),
                new JobSpec.BatchSettings(Optional.of(Duration.ofHours(24)), Optional.empty()),
                Optional.of(Instant.parse("2026-11-21T00:00:00Z")),
                Optional.of(new Cost(20_000_000_000_000L)),
                Map.of("team", "ß"));
    }

    static Item item(long seq) {
        return item(seq, "{\"model\":\"m\",\"messages\":[\"question " + seq + "\"]}");
    }

    static Item item(long seq, String body) {
        return new Item(
                seq,
                "item-" + seq,
                new Request("echo", "/v1/chat/completions", "m", RawJson.of(body)),
                seq % 2 == 0
                        ? Optional.of(RawJson.of("{\"id\":\"" + seq + "\"}"))
                        : Optional.empty());
    }

    static Outcome.Succeeded ok(long seq) {
        return ok("{\"answer\":" + seq + "}");
    }

    static Outcome.Succeeded ok(String body) {
        return new Outcome.Succeeded(
                1, new Reply(200, "req", RawJson.of(body)), new Usage(10, 2, 5), new Cost(3));
    }

    static Outcome.Failed failed(String code) {
        return new Outcome.Failed(
                3,
                new ItemError(code, "It took too long."),
                Optional.empty(),
                Usage.NONE,
                Cost.ZERO);
    }

    static Job load(JobStore store, String fingerprint, long items) {
        try (JobDraft draft = store.draft(spec(fingerprint))) {
            for (long seq = 1; seq <= items; seq++) {
                draft.append(item(seq));
            }
            return draft.commit();
        }
    }
}
