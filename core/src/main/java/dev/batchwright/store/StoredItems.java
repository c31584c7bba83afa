package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.JobId;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Usage;
import dev.batchwright.store.Views.ItemFilter;
import dev.batchwright.store.Views.ItemLook;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Finds single items and pages of them. A page reads its outcomes by key, and the lines of its
 * items from the input, one at a time: of requests of megabytes, no two are in memory.
 */
final class StoredItems {
    /** So many items are looked at in one query where those without an outcome are wanted. */
    private static final long WINDOW = 1_000;

    private final Database database;
    private final Segments segments;

    private record Outcome(
            long seq,
            boolean succeeded,
            int status,
            String cause,
            int attempts,
            Usage usage,
            Cost cost,
            String segment,
            AnswerForm form,
            long offset,
            int length) {}

    StoredItems(Database database, Segments segments) {
        this.database = database;
        this.segments = segments;
    }

    List<ItemLook> list(JobId job, ItemFilter filter, long after, int limit) {
        return switch (filter) {
            case ItemFilter.All all -> all(job, after, limit);
            case ItemFilter.Succeeded succeeded -> looks(job, succeeded(job, after, limit));
            case ItemFilter.Failed failed -> looks(job, failed(job, after, limit));
            case ItemFilter.FailedOf(int status, String cause) ->
                    looks(job, failedOf(job, status, cause, after, limit));
            case ItemFilter.Pending pending ->
                    looks(job, pending(job, after, limit), Map.<Long, Outcome>of());
        };
    }

    private List<ItemLook> all(JobId job, long after, int limit) {
        long last = Math.min(items(job), after + limit);
        List<Outcome> outcomes = outcomes(job, "seq > ? and seq <= ? order by seq", after, last);
        return looks(
                job,
                LongStream.rangeClosed(after + 1, last).boxed().toList(),
                outcomes.stream().collect(Collectors.toMap(Outcome::seq, outcome -> outcome)));
    }

    private long items(JobId job) {
        return database.read(
                connection ->
                        Sql.first(
                                        connection,
                                        "select items from job where id = ?",
                                        row -> row.getLong("items"),
                                        job.value())
                                .orElse(0L));
    }

    private List<Outcome> succeeded(JobId job, long after, int limit) {
        return outcomes(job, "seq > ? and failed = 0 order by seq limit ?", after, limit);
    }

    private List<Outcome> failed(JobId job, long after, int limit) {
        return outcomes(job, "seq > ? and failed = 1 order by seq limit ?", after, limit);
    }

    private List<Outcome> failedOf(JobId job, int status, String cause, long after, int limit) {
        return outcomes(
                job,
                "outcome.status = ? and cause = ? and seq > ? and failed = 1 order by seq limit ?",
                status,
                cause,
                after,
                limit);
    }

    /** Members of shards that are not done, less those that have their outcome. */
    private List<Long> pending(JobId job, long after, int limit) {
        List<SeqRanges.Range> open =
                database
                        .read(
                                connection ->
                                        Sql.list(
                                                connection,
                                                """
                                                select members from shard
                                                 where job_id = ? and done = 0 order by id
                                                """,
                                                row -> SeqRanges.parse(row.getString("members")),
                                                job.value()))
                        .stream()
                        .flatMap(members -> members.ranges().stream())
                        .filter(range -> range.last() > after)
                        .sorted(Comparator.comparingLong(SeqRanges.Range::first))
                        .toList();
        var pending = new ArrayList<Long>();
        for (SeqRanges.Range range : open) {
            long from = Math.max(range.first(), after + 1);
            while (from <= range.last() && pending.size() < limit) {
                long to = Math.min(range.last(), from + WINDOW - 1);
                Set<Long> done = done(job, from, to);
                LongStream.rangeClosed(from, to)
                        .filter(seq -> !done.contains(seq))
                        .limit(limit - pending.size())
                        .forEach(pending::add);
                from = to + 1;
            }
        }
        return pending;
    }

    private Set<Long> done(JobId job, long from, long to) {
        return new HashSet<>(
                database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        """
                                        select seq from outcome
                                         where job_number = (select number from job where id = ?)
                                           and seq between ? and ?
                                        """,
                                        row -> row.getLong("seq"),
                                        job.value(),
                                        from,
                                        to)));
    }

    /**
     * @param which the rest of the condition, and the order
     */
    private List<Outcome> outcomes(JobId job, String which, Object... values) {
        String sql =
                """
                select outcome.*, segment.name from outcome
                  join segment on segment.id = outcome.segment_id
                 where job_number = (select number from job where id = ?) and %s
                """
                        .formatted(which);
        var all = new Object[values.length + 1];
        all[0] = job.value();
        System.arraycopy(values, 0, all, 1, values.length);
        return database.read(connection -> Sql.list(connection, sql, StoredItems::outcome, all));
    }

    private static Outcome outcome(ResultSet row) throws SQLException {
        return new Outcome(
                row.getLong("seq"),
                row.getInt("failed") == 0,
                row.getInt("status"),
                row.getString("cause"),
                row.getInt("attempts"),
                new Usage(
                        row.getLong("input_tokens"),
                        row.getLong("cached_tokens"),
                        row.getLong("output_tokens")),
                new Cost(row.getLong("cost")),
                row.getString("name"),
                AnswerFormCode.read(row.getInt("form")),
                row.getLong("answer_offset"),
                row.getInt("answer_length"));
    }

    private List<ItemLook> looks(JobId job, List<Outcome> outcomes) {
        var bySeq = new HashMap<Long, Outcome>();
        outcomes.forEach(outcome -> bySeq.put(outcome.seq, outcome));
        return looks(job, outcomes.stream().map(Outcome::seq).toList(), bySeq);
    }

    private List<ItemLook> looks(JobId job, List<Long> seqs, Map<Long, Outcome> outcomes) {
        var looks = new ArrayList<ItemLook>(seqs.size());
        try (var blocks = new Blocks(database, segments, job)) {
            for (long seq : seqs) {
                looks.add(look(blocks.read(seq), outcomes.get(seq)));
            }
        }
        return looks;
    }

    private static ItemLook look(Item item, @Nullable Outcome outcome) {
        String endpoint = item.request().endpoint();
        String model = item.request().model();
        return outcome == null
                ? new ItemLook(
                        item.seq(),
                        item.customId(),
                        endpoint,
                        model,
                        StoredResult.Kind.PENDING,
                        0,
                        "",
                        0,
                        Usage.NONE,
                        Cost.ZERO,
                        0)
                : new ItemLook(
                        item.seq(),
                        item.customId(),
                        endpoint,
                        model,
                        kind(outcome),
                        outcome.status,
                        outcome.cause,
                        outcome.attempts,
                        outcome.usage,
                        outcome.cost,
                        outcome.length);
    }

    private static StoredResult.Kind kind(Outcome outcome) {
        return outcome.succeeded ? StoredResult.Kind.SUCCEEDED : StoredResult.Kind.FAILED;
    }

    /** An item and its outcome, whole. */
    Optional<StoredResult> result(JobId job, long seq) {
        if (seq < 1 || seq > items(job)) {
            return Optional.empty();
        }
        Item item;
        try (var blocks = new Blocks(database, segments, job)) {
            item = blocks.read(seq);
        }
        return Optional.of(
                outcomes(job, "seq = ?", seq).stream()
                        .findFirst()
                        .map(outcome -> result(job, item, outcome))
                        .orElseGet(() -> StoredResult.pending(item)));
    }

    private StoredResult result(JobId job, Item item, Outcome outcome) {
        return new StoredResult(
                item,
                kind(outcome),
                outcome.attempts,
                outcome.usage,
                outcome.cost,
                answer(job, outcome));
    }

    private RawJson answer(JobId job, Outcome outcome) {
        byte[] bytes = new byte[outcome.length];
        try (var reader = segments.open(job, outcome.segment)) {
            if (reader.read(outcome.offset, bytes, 0, bytes.length) < bytes.length) {
                throw new StoreException(
                        "The reply of item %d of job %s in %s ends too early: the store is damaged. Restore it from a backup."
                                .formatted(outcome.seq, job, outcome.segment));
            }
        } catch (IOException e) {
            throw new StoreException(
                    "The reply of item %d of job %s in %s can't be read (%s). Check the disk, then try again."
                            .formatted(outcome.seq, job, outcome.segment, e.getMessage()),
                    e);
        }
        return outcome.form.fields(outcome.status, bytes, 0, bytes.length);
    }
}
