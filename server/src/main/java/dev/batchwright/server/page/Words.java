package dev.batchwright.server.page;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Mode;
import dev.batchwright.store.StoredBatch;
import dev.batchwright.store.StoredResult;

import java.util.Map;
import java.util.stream.Collectors;

/** What states are called here. */
final class Words {
    private Words() {}

    /** As in the store and on the command line. */
    static String of(JobState state) {
        return switch (state) {
            case JobState.Loading loading -> "loading";
            case JobState.Active active -> "active";
            case JobState.Blocked blocked -> "blocked";
            case JobState.Stopped stopped -> "stopped";
            case JobState.Cancelled cancelled -> "cancelled";
            case JobState.Finished finished -> "finished";
        };
    }

    /** Why a job does not go on, where it does not; otherwise empty. */
    static String problem(JobState state) {
        return switch (state) {
            case JobState.Blocked(String problem) -> problem;
            case JobState.Stopped(String reason) -> reason;
            case JobState.Loading loading -> "";
            case JobState.Active active -> "";
            case JobState.Cancelled cancelled -> "";
            case JobState.Finished finished -> "";
        };
    }

    static String of(Mode mode) {
        return switch (mode) {
            case AUTO -> "auto";
            case BATCH -> "batch";
            case LIVE -> "live";
        };
    }

    static String of(Lane lane) {
        return switch (lane) {
            case OPEN -> "not planned";
            case LIVE -> "live";
            case BATCH -> "batch";
        };
    }

    /** The lanes that a job's items travel in. */
    static String of(Map<Lane, Long> items) {
        return items.keySet().stream().sorted().map(Words::of).collect(Collectors.joining(" + "));
    }

    static String of(StoredResult.Kind kind) {
        return switch (kind) {
            case SUCCEEDED -> "succeeded";
            case FAILED -> "failed";
            case PENDING -> "pending";
        };
    }

    static String of(StoredBatch batch) {
        if (batch.settled()) {
            return "over";
        }
        return switch (batch.batch().state()) {
            case BatchState.Planned planned -> "waiting";
            case BatchState.Uploading uploading -> "uploading";
            case BatchState.Creating creating -> "creating";
            case BatchState.Running running -> "running";
            case BatchState.Ended ended -> "reading";
            case BatchState.Quarantined quarantined -> "quarantine";
        };
    }

    /** What a batch waits for, or how it went. */
    static String course(StoredBatch batch) {
        String course =
                switch (batch.batch().state()) {
                    case BatchState.Planned planned -> "waits to be sent";
                    case BatchState.Uploading uploading -> "its input file is uploaded";
                    case BatchState.Creating(var tag, var file, var since) ->
                            "is created as batchwright-%s".formatted(tag);
                    case BatchState.Running(var tag, String id, var created) -> "runs as " + id;
                    case BatchState.Ended(var tag, String id, String end, var files) ->
                            batch.settled()
                                    ? "%s %s".formatted(id, end)
                                    : "%s %s; its results are read".formatted(id, end);
                    case BatchState.Quarantined(var tag, String problem) -> problem;
                };
        return batch.note().isEmpty() ? course : course + ": " + batch.note();
    }

    /** {@code 1 item}, {@code 2,000 items}. */
    static String counted(long number, String noun) {
        return Figures.count(number) + " " + noun + (number == 1 ? "" : "s");
    }
}
