package dev.batchwright.store;

import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.SeqRanges;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Sends the failed items of a job on another round: they leave their shards for new ones, and their
 * outcomes leave the index. The lines of those outcomes stay in their segments, and tokens and cost
 * stay on the shards that paid for them. Walks through the outcomes in pages, in the caller's
 * transaction.
 */
final class RetryRound {
    private static final int PAGE = 1_000;

    private final JobId job;
    private final Lane lane;

    private record Failed(long seq, long shard) {}

    private record Source(String members, int round) {}

    /**
     * @param lane in which they set out again
     */
    RetryRound(JobId job, Lane lane) {
        this.job = job;
        this.lane = lane;
    }

    /** Returns how many items there were. */
    long prepare(Connection connection) throws SQLException {
        long count = 0;
        long after = 0;
        while (true) {
            List<Failed> page = failedAfter(connection, after);
            if (page.isEmpty()) {
                Sql.update(connection, "delete from failure where job_id = ?", job.value());
                return count;
            }
            move(connection, page);
            after = page.getLast().seq;
            count += page.size();
        }
    }

    private List<Failed> failedAfter(Connection connection, long seq) throws SQLException {
        return Sql.list(
                connection,
                """
                select seq, shard_id from outcome
                 where job_number = (select number from job where id = ?) and seq > ? and failed = 1
                 order by seq limit ?
                """,
                row -> new Failed(row.getLong("seq"), row.getLong("shard_id")),
                job.value(),
                seq,
                PAGE);
    }

    private void move(Connection connection, List<Failed> page) throws SQLException {
        Map<Long, List<Long>> byShard =
                page.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Failed::shard,
                                        TreeMap::new,
                                        Collectors.mapping(Failed::seq, Collectors.toList())));
        int round = 1;
        for (var entry : byShard.entrySet()) {
            round = Math.max(round, leave(connection, entry.getKey(), entry.getValue()));
        }
        Sql.update(
                connection,
                """
                delete from outcome
                 where job_number = (select number from job where id = ?) and failed = 1 and seq between ? and ?
                """,
                job.value(),
                page.getFirst().seq,
                page.getLast().seq);
        Sql.update(
                connection,
                "insert into shard (job_id, lane, round, members, items) values (?, ?, ?, ?, ?)",
                job.value(),
                LaneName.of(lane),
                round + 1,
                SeqRanges.ofAscending(page.stream().map(Failed::seq).toList()).toString(),
                page.size());
    }

    // Takes the items out of their shard, which keeps what it paid even if all leave; returns its
    // round.
    private static int leave(Connection connection, long shard, List<Long> leaving)
            throws SQLException {
        Source source =
                Sql.first(
                                connection,
                                "select members, round from shard where id = ?",
                                row -> new Source(row.getString("members"), row.getInt("round")),
                                shard)
                        .orElseThrow();
        Sql.update(
                connection,
                """
                update shard
                   set members = ?, items = items - ?, failed = failed - ?,
                       done = case when succeeded + failed = items then 1 else 0 end
                 where id = ?
                """,
                SeqRanges.parse(source.members).minus(SeqRanges.ofAscending(leaving)).toString(),
                leaving.size(),
                leaving.size(),
                shard);
        return source.round;
    }
}
