package dev.batchwright.store;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Request;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Usage;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
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
        return spec(fingerprint, Mode.LIVE);
    }

    static JobSpec spec(String fingerprint, Mode mode) {
        return new JobSpec(
                "näme \"x\"",
                fingerprint,
                "data.jsonl",
                List.of("id", "te\txt"),
                Map.of(
                        "openai",
                        new JobSpec.Endpoint(
                                Optional.of("http://127.0.0.1:9/v1"), Optional.of("MY_KEY"))),
                mode,
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

    static BatchShard batch(BatchState state) {
        return new BatchShard(
                "openai",
                "openai of MY_KEY",
                "/v1/chat/completions",
                "m",
                700,
                new Cost(90),
                "half the price",
                state);
    }

    /** A shard of the batch lane of which nothing was sent. */
    static ShardDraft planned(int round, SeqRanges members) {
        return new ShardDraft(
                Lane.BATCH, members, round, Optional.of(batch(new BatchState.Planned())));
    }

    static ShardDraft live(int round, SeqRanges members) {
        return new ShardDraft(Lane.LIVE, members, round, Optional.empty());
    }

    /**
     * Judges lines such as {@code body 7 {"answer":7}}: a form, an item, and an answer. {@code
     * made} makes one, {@code left} leaves the item; a blank line is nothing, any other is a stray.
     */
    static BatchWork.Verdict judge(byte[] line, int offset, int length) {
        String text = new String(line, offset, length, StandardCharsets.UTF_8);
        if (text.isBlank()) {
            return new BatchWork.Verdict.Nothing();
        }
        String[] words = text.split(" ", 3);
        if (words.length < 3) {
            return new BatchWork.Verdict.Strays("unreadable");
        }
        long seq = Long.parseLong(words[1]);
        return switch (words[0]) {
            case "body" -> counts(seq, 200, AnswerForm.BODY, words);
            case "response" -> counts(seq, 200, AnswerForm.RESPONSE, words);
            case "fields" -> counts(seq, 200, AnswerForm.FIELDS, words);
            case "error" -> counts(seq, 0, AnswerForm.ERROR, words);
            case "made" -> new BatchWork.Verdict.Made(seq, ok(words[2]));
            case "left" -> new BatchWork.Verdict.Left(seq);
            default -> new BatchWork.Verdict.Strays("unreadable");
        };
    }

    private static BatchWork.Verdict counts(long seq, int status, AnswerForm form, String[] words) {
        int answer = words[0].length() + words[1].length() + 2;
        return new BatchWork.Verdict.Counts(
                seq,
                form != AnswerForm.ERROR,
                status,
                form == AnswerForm.ERROR ? "refused" : "",
                1,
                new Usage(10, 2, 5),
                new Cost(3),
                form,
                answer,
                words[2].getBytes(StandardCharsets.UTF_8).length);
    }

    static Job load(JobStore store, String fingerprint, long items) {
        return load(store, spec(fingerprint), items);
    }

    static Job load(JobStore store, JobSpec spec, long items) {
        try (JobDraft draft = store.draft(spec)) {
            for (long seq = 1; seq <= items; seq++) {
                draft.append(item(seq));
            }
            return draft.commit();
        }
    }

    /** A segment that is no more than its bytes. */
    static Segments.Writer into(ByteArrayOutputStream bytes) {
        return new Segments.Writer() {
            @Override
            public long position() {
                return bytes.size();
            }

            @Override
            public void append(byte[] from, int offset, int length) {
                bytes.write(from, offset, length);
            }

            @Override
            public void sync() {}

            @Override
            public void close() {}
        };
    }
}
