package dev.batchwright.store;

import dev.batchwright.job.JobId;
import dev.batchwright.job.Lease;
import dev.batchwright.job.SeqRanges;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Moves the items without an outcome out of some shards and into new ones, within the caller's
 * transaction. Every item stays in exactly one shard: what the new ones hold is compared, range by
 * range, with what the old ones lose.
 */
final class Replacement {
    private final Connection connection;
    private final JobId job;

    /**
     * @param executed whether its batch ran at the provider: people look for its id, also where
     *     nothing came of it
     */
    private record Source(SeqRanges members, long finished, boolean paid, boolean executed) {}

    Replacement(Connection connection, JobId job) {
        this.connection = connection;
        this.job = job;
    }

    /**
     * @throws LeaseLostException if one of the leases is lost
     * @throws IllegalStateException if the drafts are not exactly the items without an outcome
     */
    void run(List<Lease> sources, List<ShardDraft> next) throws SQLException {
        var pending = new ArrayList<SeqRanges>();
        // In one order, so that two of these wait for each other instead of for a deadlock's end.
        for (Lease lease : inOrder(sources)) {
            Leases.require(connection, lease);
            pending.add(leave(lease.shard().id()));
        }
        refuseOthersThan(SeqRanges.union(pending), next);
        for (ShardDraft draft : next) {
            insert(draft);
        }
    }

    private static List<Lease> inOrder(List<Lease> leases) {
        return leases.stream().sorted(Comparator.comparingLong(l -> l.shard().id())).toList();
    }

    private static void refuseOthersThan(SeqRanges pending, List<ShardDraft> next) {
        if (next.stream().anyMatch(draft -> draft.members().ranges().isEmpty())) {
            throw new IllegalStateException("A new shard has no items");
        }
        SeqRanges drafted;
        try {
            drafted = SeqRanges.union(next.stream().map(ShardDraft::members).toList());
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("Two new shards share items: " + e.getMessage(), e);
        }
        if (!drafted.equals(pending)) {
            throw new IllegalStateException(
                    "The new shards have %d items, the old ones %d without an outcome; %d are on one side only"
                            .formatted(
                                    drafted.size(),
                                    pending.size(),
                                    drafted.minus(pending).size() + pending.minus(drafted).size()));
        }
    }

    // Ends the lease and its epoch, and returns the items that leave.
    private SeqRanges leave(long shard) throws SQLException {
        Source source =
                Sql.first(
                                connection,
                                """
                                select members, succeeded + failed as finished,
                                       cost + input_tokens + output_tokens as paid,
                                       (select count(*) from batch
                                         where shard_id = shard.id
                                           and state in ('running', 'ended')) as executed
                                  from shard where id = ?
                                """,
                                row ->
                                        new Source(
                                                SeqRanges.parse(row.getString("members")),
                                                row.getLong("finished"),
                                                row.getLong("paid") != 0,
                                                row.getLong("executed") != 0),
                                shard)
                        .orElseThrow();
        if (source.finished == 0 && !source.paid && !source.executed) {
            Sql.update(connection, "delete from shard where id = ?", shard);
            return source.members;
        }
        SeqRanges staying = Finished.of(connection, job, shard, source.members);
        Sql.update(
                connection,
                """
                update shard
                   set members = ?, items = succeeded + failed, done = 1, lease_owner = null,
                       lease_until = null, lease_epoch = lease_epoch + 1
                 where id = ?
                """,
                staying.toString(),
                shard);
        Sql.update(connection, "update batch set settled = 1 where shard_id = ?", shard);
        return source.members.minus(staying);
    }

    private void insert(ShardDraft draft) throws SQLException {
        long shard =
                Sql.first(
                                connection,
                                """
                                insert into shard (job_id, lane, round, members, items)
                                values (?, ?, ?, ?, ?) returning id
                                """,
                                row -> row.getLong("id"),
                                job.value(),
                                LaneName.of(draft.lane()),
                                draft.round(),
                                draft.members().toString(),
                                draft.members().size())
                        .orElseThrow();
        if (draft.batch().isPresent()) {
            BatchRow.insert(connection, job, shard, draft.batch().get());
        }
    }
}
