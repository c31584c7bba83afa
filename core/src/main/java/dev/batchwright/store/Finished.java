package dev.batchwright.store;

import dev.batchwright.job.JobId;
import dev.batchwright.job.SeqRanges;

import java.sql.Connection;
import java.sql.SQLException;

/** Which items of a shard have an outcome. */
final class Finished {
    private Finished() {}

    // By the span of the shard's items, which the key is sorted by: a query a range would be tens
    // of thousands for what a batch left over.
    static SeqRanges of(Connection connection, JobId job, long shard, SeqRanges members)
            throws SQLException {
        if (members.ranges().isEmpty()) {
            return members;
        }
        return SeqRanges.ofAscending(
                Sql.list(
                        connection,
                        """
                        select seq from outcome
                         where job_number = (select number from job where id = ?)
                           and seq between ? and ? and shard_id = ?
                         order by seq
                        """,
                        row -> row.getLong("seq"),
                        job.value(),
                        members.ranges().getFirst().first(),
                        members.ranges().getLast().last(),
                        shard));
    }
}
