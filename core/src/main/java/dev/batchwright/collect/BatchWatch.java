package dev.batchwright.collect;

import dev.batchwright.collect.CollectorEvent.Batch;
import dev.batchwright.collect.CollectorEvent.BatchCompleted;
import dev.batchwright.collect.CollectorEvent.BatchProgress;
import dev.batchwright.collect.CollectorEvent.BatchSubmitted;
import dev.batchwright.collect.CollectorEvent.BatchTerminal;
import dev.batchwright.collect.CollectorEvent.ResultFiles;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobSpec;
import dev.batchwright.store.BatchStage;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoredBatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tells what happened to the batches of a job since they were looked at before: the stages of each
 * once, whoever looks and however often the process was started again. For one thread.
 */
final class BatchWatch {
    private static final String USUAL_WINDOW = "24h";

    private final JobId job;
    private final JobSpec spec;
    private final InstantSource clock;
    private final Consumer<CollectorEvent> listener;
    private final Telling telling;
    private final Map<Long, Seen> seen = new HashMap<>();

    /** How a batch stood. */
    private record Seen(Batch batch, Instant since, long finished, boolean ended, boolean over) {}

    /** Says whether a stage of a batch's life was not told before, by anybody. */
    interface Telling {
        JobStore.Telling of(long shard, String batchId, BatchStage stage);
    }

    BatchWatch(
            JobId job,
            JobSpec spec,
            InstantSource clock,
            Consumer<CollectorEvent> listener,
            Telling telling) {
        this.job = job;
        this.spec = spec;
        this.clock = clock;
        this.listener = listener;
        this.telling = telling;
    }

    void look(List<StoredBatch> batches) {
        for (StoredBatch stored : batches) {
            switch (stored.batch().state()) {
                case BatchState.Running(var tag, String id, Instant since) ->
                        running(stored, id, since);
                case BatchState.Ended(var tag, String id, String end, List<String> files) ->
                        ended(stored, id, end, files);
                case BatchState.Planned planned -> {}
                case BatchState.Uploading uploading -> {}
                case BatchState.Creating creating -> {}
                case BatchState.Quarantined quarantined -> {}
            }
        }
    }

    private void running(StoredBatch stored, String id, Instant since) {
        Seen before = known(stored, id, since);
        if (before.finished != stored.finished()) {
            progress(before, stored, "in_progress");
        }
        seen.put(stored.shard(), new Seen(before.batch, since, stored.finished(), false, false));
    }

    private void ended(StoredBatch stored, String id, String end, List<String> files) {
        Seen before = known(stored, id, clock.instant());
        if (before.over) {
            return;
        }
        if (!before.ended && isNews(stored, id, BatchStage.FINALIZING)) {
            progress(before, stored, "finalizing");
        }
        if (stored.settled() && isNews(stored, id, BatchStage.OVER)) {
            tellEnd(before, stored, end, files);
        }
        seen.put(
                stored.shard(),
                new Seen(before.batch, before.since, stored.finished(), true, stored.settled()));
    }

    private boolean isNews(StoredBatch stored, String id, BatchStage stage) {
        return telling.of(stored.shard(), id, stage).first();
    }

    private void tellEnd(Seen before, StoredBatch stored, String end, List<String> files) {
        Instant now = clock.instant();
        var results = new ResultFiles(named(files, "output:"), named(files, "error:"));
        listener.accept(
                end.equals("completed") || end.equals("ended")
                        ? new BatchCompleted(
                                now,
                                before.batch,
                                stored.finished() - stored.failed(),
                                stored.failed(),
                                Duration.between(before.since, now),
                                results)
                        : new BatchTerminal(now, before.batch, end, results));
    }

    /** The provider's name for a file of this kind. */
    private static Optional<String> named(List<String> files, String kind) {
        return files.stream()
                .filter(file -> file.startsWith(kind))
                .map(file -> file.substring(kind.length()))
                .findFirst();
    }

    private void progress(Seen before, StoredBatch stored, String status) {
        Instant now = clock.instant();
        listener.accept(
                new BatchProgress(
                        now,
                        before.batch,
                        status,
                        stored.finished() - stored.failed(),
                        stored.failed(),
                        Duration.between(before.since, now)));
    }

    private Seen known(StoredBatch stored, String id, Instant since) {
        Seen before = seen.get(stored.shard());
        if (before != null && before.batch.batchId().equals(id)) {
            return before;
        }
        JobStore.Telling told = telling.of(stored.shard(), id, BatchStage.SUBMITTED);
        Batch batch = batch(stored, id, told.sentFile());
        if (!told.first()) {
            return new Seen(batch, since, stored.finished(), false, false);
        }
        listener.accept(
                new BatchSubmitted(
                        clock.instant(),
                        batch,
                        spec.batch().window().map(BatchWatch::hours).orElse(USUAL_WINDOW),
                        spec.metadata()));
        return new Seen(batch, since, 0, false, false);
    }

    private Batch batch(StoredBatch stored, String id, Optional<String> sentFile) {
        String model = stored.batch().model();
        return new Batch(
                job.value(),
                stored.batch().provider(),
                id,
                stored.batch().endpoint(),
                model.isEmpty() ? List.of() : List.of(model),
                stored.items(),
                sentFile);
    }

    private static String hours(Duration window) {
        return window.toHours() + "h";
    }

    /** Those that the provider still works on, as far as was seen. */
    List<Batch> running() {
        var running = new ArrayList<Batch>();
        for (Seen batch : seen.values()) {
            if (!batch.ended) {
                running.add(batch.batch);
            }
        }
        return running;
    }

    /** How a batch that was running ended since; empty if it did not. */
    static Optional<String> end(Batch batch, List<StoredBatch> now) {
        for (StoredBatch stored : now) {
            if (stored.batch().state()
                            instanceof BatchState.Ended(var tag, String id, String end, var files)
                    && id.equals(batch.batchId())) {
                return Optional.of(end);
            }
        }
        return Optional.empty();
    }
}
