package dev.batchwright.store;

import dev.batchwright.job.Lease;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Leases as the database judges them. One that ended because the last item of its shard got its
 * outcome is not lost: nobody else can hold such a shard, and what its owner still has to say of it
 * (the rest of a result file, a last word) is welcome.
 */
final class Leases {
    private Leases() {}

    /**
     * Locks the shard until the transaction ends.
     *
     * @throws LeaseLostException if the lease is lost
     */
    static void require(Connection connection, Lease lease) throws SQLException {
        int held =
                Sql.update(
                        connection,
                        """
                        update shard set lease_epoch = lease_epoch
                         where id = ? and lease_epoch = ? and (lease_owner = ? or done = 1)
                        """,
                        lease.shard().id(),
                        lease.epoch(),
                        lease.owner());
        if (held == 0) {
            throw new LeaseLostException(lease);
        }
    }

    /** Whether the lease is not lost, at this moment. */
    static boolean holds(Connection connection, Lease lease) throws SQLException {
        return Sql.first(
                        connection,
                        """
                        select 1 from shard
                         where id = ? and lease_epoch = ? and (lease_owner = ? or done = 1)
                        """,
                        row -> true,
                        lease.shard().id(),
                        lease.epoch(),
                        lease.owner())
                .isPresent();
    }
}
