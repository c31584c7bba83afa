package dev.batchwright.store;

import dev.batchwright.job.JobId;

import java.time.InstantSource;
import java.util.List;

/**
 * Frees what dead and silent workers of a job hold. A shard changes hands only after all that its
 * owner wrote is indexed: only then is it known what is pending.
 *
 * <ul>
 *   <li>The dead, whose lock is free, can write no more. Their segments are indexed to the last
 *       whole line in as many transactions as it takes; then, in one, their leases end and their
 *       row goes.
 *   <li>The silent hold their lock but let their leases expire. They may wake up at any moment, so
 *       the rest of their segment is indexed in the very transaction that takes the leases away:
 *       what is in the file by then counts, what comes later finds its epoch gone and becomes a
 *       stray.
 * </ul>
 *
 * A crash in between leaves some of it indexed and the leases where they were: the next one goes
 * on. Two at once wait for each other at the segment's row.
 */
final class Takeover {
    private final Database database;
    private final Presence presence;
    private final OutcomeIndex index;
    private final JobId job;
    private final InstantSource clock;

    Takeover(
            Database database,
            Presence presence,
            OutcomeIndex index,
            JobId job,
            InstantSource clock) {
        this.database = database;
        this.presence = presence;
        this.index = index;
        this.job = job;
        this.clock = clock;
    }

    /** Frees what others than this worker no longer have a right to. */
    void freeShards(String self, long now) {
        List<String> workers =
                database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        "select id from worker where job_id = ?",
                                        row -> row.getString("id"),
                                        job.value()));
        for (String worker : workers) {
            if (!worker.equals(self) && !presence.isAlive(worker)) {
                bury(worker);
            }
        }
        for (String worker : silent(now)) {
            if (!worker.equals(self)) {
                expire(worker, now);
            }
        }
    }

    /** The workers that let a lease expire, dead or not. */
    List<String> silent(long now) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select distinct lease_owner from shard
                                 where job_id = ? and done = 0 and lease_until < ?
                                """,
                                row -> row.getString("lease_owner"),
                                job.value(),
                                now));
    }

    /** Indexes what a worker wrote, ends its leases and removes it; it writes no more. */
    void bury(String worker) {
        segments(worker).forEach(index::replay);
        database.write(
                connection -> {
                    Sql.update(
                            connection,
                            """
                            update shard set lease_owner = null, lease_until = null
                             where job_id = ? and lease_owner = ?
                            """,
                            job.value(),
                            worker);
                    new Spending(database, job).bury(connection, worker, clock.instant());
                    return true;
                });
        presence.forget(worker);
    }

    private void expire(String worker, long now) {
        List<String> segments = segments(worker);
        segments.forEach(index::replay);
        database.write(
                connection -> {
                    for (String segment : segments) {
                        while (index.replaySome(connection, segment)) {
                            // One of them found so much that it stopped: on with the rest.
                        }
                    }
                    // The epoch ends with the lease, not with the next claim: the old owner writes
                    // under no valid epoch from here on.
                    return Sql.update(
                            connection,
                            """
                            update shard
                               set lease_owner = null, lease_until = null,
                                   lease_epoch = lease_epoch + 1
                             where job_id = ? and lease_owner = ? and done = 0 and lease_until < ?
                            """,
                            job.value(),
                            worker,
                            now);
                });
    }

    private List<String> segments(String worker) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                "select name from segment where job_id = ? and worker = ?",
                                row -> row.getString("name"),
                                job.value(),
                                worker));
    }
}
