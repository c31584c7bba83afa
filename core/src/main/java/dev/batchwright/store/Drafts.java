package dev.batchwright.store;

import dev.batchwright.job.JobId;
import dev.batchwright.job.JobSpec;

import java.util.HashSet;
import java.util.List;

/** Begins jobs, and clears away those whose loading was given up or cut short. */
final class Drafts {
    private final Database database;
    private final Segments segments;
    private final Presence presence;

    Drafts(Database database, Segments segments, Presence presence) {
        this.database = database;
        this.segments = segments;
        this.presence = presence;
    }

    private record Orphan(JobId id, String loader) {}

    void discardOrphans() {
        List<Orphan> loading =
                database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        "select id, loader from job where state = 'loading' and"
                                                + " gathered = 0",
                                        row ->
                                                new Orphan(
                                                        new JobId(row.getString("id")),
                                                        row.getString("loader"))));
        for (Orphan job : loading) {
            if (!presence.isAlive(job.loader)) {
                discard(job.id);
                presence.forget(job.loader);
            }
        }
    }

    /** Removes a job that was never committed. */
    void discard(JobId id) {
        boolean removed =
                database.write(
                        connection -> {
                            boolean loading =
                                    Sql.first(
                                                    connection,
                                                    "select 1 from job where id = ? and state ="
                                                            + " 'loading'",
                                                    row -> true,
                                                    id.value())
                                            .isPresent();
                            if (loading) {
                                JobRow.delete(connection, id);
                            }
                            return loading;
                        });
        if (removed) {
            segments.delete(id);
        }
    }

    JobDraft begin(JobId id, JobSpec spec, String loader, long now) {
        discardOrphans();
        sweepSegments();
        Presence.Held held = presence.hold(loader);
        try {
            database.write(
                    connection -> {
                        Sql.update(
                                connection,
                                """
                                insert into job (id, fingerprint, spec, owner, state, loader, items, created_at)
                                values (?, ?, ?, ?, 'loading', ?, 0, ?)
                                """,
                                id.value(),
                                spec.fingerprint(),
                                SpecJson.write(spec),
                                spec.owner(),
                                loader,
                                now);
                        Sql.update(
                                connection,
                                "insert into segment (job_id, name, kind) values (?, ?, 'input')",
                                id.value(),
                                Segments.INPUT);
                        return true;
                    });
            var writer = segments.create(id, Segments.INPUT);
            return new LoadingJob(this, database, id, writer, held);
        } catch (RuntimeException e) {
            try (held) {
                discard(id);
            }
            throw e;
        }
    }

    private void sweepSegments() {
        // First the segments, then the rows: what another process begins in between has a row.
        var orphans = new HashSet<>(segments.jobs());
        if (!orphans.isEmpty()) {
            orphans.removeAll(
                    database.read(
                            connection ->
                                    Sql.list(
                                            connection,
                                            "select id from job",
                                            row -> new JobId(row.getString("id")))));
            orphans.forEach(segments::delete);
        }
    }
}
