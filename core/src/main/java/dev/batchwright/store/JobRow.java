package dev.batchwright.store;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** How a job lies in its row. */
final class JobRow {
    private JobRow() {}

    static Job read(ResultSet row) throws SQLException {
        return new Job(
                new JobId(row.getString("id")),
                SpecJson.read(row.getString("spec")).ownedBy(row.getString("owner")),
                state(row),
                row.getLong("items"),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }

    static Optional<Job> find(Connection connection, JobId id) throws SQLException {
        return Sql.first(connection, "select * from job where id = ?", JobRow::read, id.value());
    }

    static JobState state(ResultSet row) throws SQLException {
        String state = row.getString("state");
        return switch (state) {
            case "loading" -> new JobState.Loading();
            case "active" -> new JobState.Active();
            case "blocked" -> new JobState.Blocked(row.getString("reason"));
            case "stopped" -> new JobState.Stopped(row.getString("reason"));
            case "cancelled" -> new JobState.Cancelled();
            case "finished" -> new JobState.Finished();
            default -> throw new StoreException("Unknown state of a job: " + state);
        };
    }

    static String name(JobState state) {
        return switch (state) {
            case JobState.Loading loading -> "loading";
            case JobState.Active active -> "active";
            case JobState.Blocked blocked -> "blocked";
            case JobState.Stopped stopped -> "stopped";
            case JobState.Cancelled cancelled -> "cancelled";
            case JobState.Finished finished -> "finished";
        };
    }

    static @Nullable String reason(JobState state) {
        return switch (state) {
            case JobState.Blocked(String problem) -> problem;
            case JobState.Stopped(String reason) -> reason;
            case JobState.Loading loading -> null;
            case JobState.Active active -> null;
            case JobState.Cancelled cancelled -> null;
            case JobState.Finished finished -> null;
        };
    }

    /** Locks a job's row until the transaction ends and tells its state. */
    static JobState lock(Connection connection, JobId id) throws SQLException {
        return Sql.first(
                        connection,
                        "update job set items = items where id = ? returning state, reason",
                        JobRow::state,
                        id.value())
                .orElseThrow(() -> unknown(id));
    }

    /** Removes a job; all but the outcomes goes with its row by foreign keys. */
    static void delete(Connection connection, JobId id) throws SQLException {
        Sql.update(
                connection,
                "delete from outcome where job_number = (select number from job where id = ?)",
                id.value());
        Sql.update(connection, "delete from job where id = ?", id.value());
    }

    static StoreException unknown(JobId id) {
        return new StoreException(
                "There is no job %s in this store. See `batchwright jobs` for those there are, or name another store with --store."
                        .formatted(id));
    }
}
