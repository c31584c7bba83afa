package dev.batchwright.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * The SQL half of the store: SQLite or PostgreSQL. Statements that both understand stand beside
 * their callers; the few that differ are here.
 */
interface Database extends AutoCloseable {
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Runs queries outside a transaction. */
    <T> T read(Work<T> work);

    /** Runs work in one transaction, durable when this returns. */
    <T> T write(Work<T> work);

    /**
     * Runs work in one transaction that is durable, at the latest, with the next one that must be:
     * a power cut may take it back before. For what is read from a durable segment again then.
     */
    default <T> T writeDerived(Work<T> work) {
        return write(work);
    }

    /** Keeps other transactions that exclude the same key waiting until this one is over. */
    void exclude(Connection connection, String key) throws SQLException;

    /**
     * Leases free shards of a lane of a job that have pending items, lowest first: values are
     * owner, until, job, lane, limit; rows are id, members, round, lease_epoch, items, succeeded +
     * failed.
     */
    String claimShards();

    /**
     * Inserts what is not there yet, in the order given, and returns the rest: outcomes of items
     * that had one already.
     *
     * @param job its number
     * @param segment its id
     */
    List<IndexedOutcome> insertOutcomes(
            Connection connection, long job, long segment, List<IndexedOutcome> outcomes)
            throws SQLException;

    /**
     * How far the database's clock is ahead of this machine's. Zero where both are on one machine,
     * and where they differ by no more than can be measured, or than matters to a lease.
     */
    Duration ahead();

    /** Says what happened and what to do. */
    StoreException problem(SQLException cause);

    @Override
    void close();
}
