package dev.batchwright.server.batches;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.RawJson;
import dev.batchwright.store.HostedBatch;
import dev.batchwright.store.HostedBatch.Counts;
import dev.batchwright.store.HostedBatch.Form;
import dev.batchwright.store.HostedBatch.Layout;
import dev.batchwright.store.HostedBatch.Status;
import dev.batchwright.store.HostedBatches;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.KeeperLostException;
import dev.batchwright.workbench.Cancellation;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.RefusedException;
import dev.batchwright.workbench.Workbench;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Takes one batch, which this process keeps, from where it is to its end:
 *
 * <ol>
 *   <li>Its input is read into a draft of a job, which is committed unless a job with the batch's
 *       fingerprint is there already. Only then the batch names the job. A crash before the commit
 *       leaves a draft that is thrown away; one after it leaves a job that is found again by its
 *       fingerprint. So a batch becomes one job, however often it is begun.
 *   <li>The job is pursued. Its deadline is the end of the batch's window; cancelling the batch
 *       cancels the job. What blocks the job is shown with the batch, and tried again.
 *   <li>Its results are written, and with the row that says so the batch is over.
 * </ol>
 *
 * Each step begins from what the store says, so that the next keeper goes on where this one fell.
 * For one thread.
 */
final class HostedRun {
    private static final Logger LOG = LoggerFactory.getLogger(HostedRun.class);

    /** How soon a cancellation by another process is noticed. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final Desk desk;
    private final JobStore store;
    private final HostedBatches batches;
    private final RunSignal signal;
    private final String id;
    private final EarlyAppending early = new EarlyAppending();
    private Duration pause = FIRST_PAUSE;

    /**
     * What all batches share.
     *
     * @param readings how many inputs are read at once
     * @param onChange is told of a batch that has moved on
     */
    record Desk(
            Workbench workbench,
            Crew crew,
            Clock clock,
            BatchInput input,
            JobMaker jobs,
            Semaphore readings,
            Consumer<HostedBatch> onChange) {}

    HostedRun(Desk desk, String id, RunSignal signal) {
        this.desk = desk;
        this.store = desk.workbench.store();
        this.batches = store.hostedBatches();
        this.id = id;
        this.signal = signal;
    }

    /**
     * Returns when the batch is over, or another process keeps it.
     *
     * @throws InterruptedException if the signal was closed; the batch is where it is
     */
    void toItsEnd() throws InterruptedException {
        try (early) {
            while (!step()) {
                signal.check();
            }
        } catch (KeeperLostException e) {
            LOG.debug("Batch {} goes on elsewhere", id, e);
        }
    }

    /** Says whether nothing is left to do. */
    private boolean step() throws InterruptedException {
        try {
            Optional<HostedBatch> batch = batches.find(id);
            if (batch.isEmpty() || batch.get().status().isOver()) {
                return true;
            }
            advance(batch.get());
        } catch (KeeperLostException e) {
            throw e;
        } catch (RuntimeException e) {
            // The edge of the batch: a full disk, a lost database. Nothing is lost by trying again.
            LOG.warn("Batch {} can't go on now, and is tried again", id, e);
            early.close();
            pause();
        }
        return false;
    }

    private void advance(HostedBatch batch) throws InterruptedException {
        if (!isLoaded(batch)) {
            load(batch);
            return;
        }
        if (batch.job().isEmpty()) {
            finish(Optional.empty(), Status.COMPLETED);
            return;
        }
        Optional<Job> job = store.find(batch.job().get());
        if (job.isEmpty()) {
            lose(batch);
            return;
        }
        pursue(batch, job.get());
    }

    private static boolean isLoaded(HostedBatch batch) {
        return batch.job().isPresent() || batch.times().inProgress().isPresent();
    }

    private void load(HostedBatch batch) throws InterruptedException {
        JobMaker.Made made;
        desk.readings.acquire();
        try {
            made = desk.jobs.make(batch);
        } finally {
            desk.readings.release();
        }
        switch (made) {
            case JobMaker.Made.Loaded(var job, var report) ->
                    tell(
                            batches.advance(
                                    id,
                                    now ->
                                            now.loaded(
                                                    job,
                                                    Counts.of(report.requests(), report.refused()),
                                                    report.model(),
                                                    desk.clock.instant())));
            case JobMaker.Made.Refused(RawJson errors) ->
                    tell(batches.advance(id, now -> now.failed(errors, desk.clock.instant())));
        }
    }

    /** Somebody deleted the job: nothing can be told of its requests. */
    private void lose(HostedBatch batch) {
        RawJson why =
                BatchInput.error(
                        "server_error",
                        "The job %s, which this batch had become, was deleted."
                                .formatted(batch.job().orElseThrow()));
        tell(batches.advance(id, now -> now.failed(why, desk.clock.instant())));
    }

    private void pursue(HostedBatch batch, Job job) throws InterruptedException {
        boolean cancelling = batch.status() == Status.CANCELLING;
        switch (job.state()) {
            case JobState.Finished finished -> finish(batch.job(), Status.COMPLETED);
            case JobState.Cancelled cancelled -> {
                if (cancel(job.id())) {
                    finish(batch.job(), Status.CANCELLED);
                }
            }
            case JobState.Active active -> {
                if (cancelling) {
                    cancel(job.id());
                } else {
                    run(batch, job);
                }
            }
            case JobState.Stopped(String reason) -> standStill(batch, job, reason);
            case JobState.Blocked(String problem) -> standStill(batch, job, problem);
            case JobState.Loading loading -> signal.await(LOOK);
        }
    }

    /** The job can't go on now: it is over with its window or its user's patience, or waits. */
    private void standStill(HostedBatch batch, Job job, String why) throws InterruptedException {
        if (batch.status() == Status.CANCELLING) {
            cancel(job.id());
            return;
        }
        if (isExpired(batch)) {
            if (!(job.state() instanceof JobState.Stopped)) {
                cancel(job.id());
            }
            finish(batch.job(), Status.EXPIRED);
            return;
        }
        RawJson problem = BatchInput.error("backend_unavailable", why);
        batches.advance(id, now -> now.noted(Optional.of(problem)));
        pause();
        HostedBatch now = batches.find(id).orElse(batch);
        if (now.status() == Status.IN_PROGRESS && !isExpired(now)) {
            desk.workbench.activate(job);
        }
    }

    private boolean isExpired(HostedBatch batch) {
        return !desk.clock.instant().isBefore(batch.times().expires());
    }

    /** Waits, longer each time; a cancellation ends it. */
    private void pause() throws InterruptedException {
        signal.await(pause);
        pause =
                pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                        ? pause.multipliedBy(2)
                        : LONGEST_PAUSE;
    }

    /** Cancels the job, and its batches at the provider; says whether that is done. */
    private boolean cancel(JobId job) throws InterruptedException {
        Optional<String> problem;
        try {
            problem = new Cancellation(desk.workbench, job).cancel(() -> {});
        } catch (RefusedException e) {
            problem = Optional.of(String.valueOf(e.getMessage()));
        }
        boolean running = desk.crew.pursuit(job).isPresent() || !store.workers(job).isEmpty();
        if (problem.isPresent() || running) {
            signal.await(LOOK);
        }
        return problem.isEmpty() && !running;
    }

    private void run(HostedBatch batch, Job job) throws InterruptedException {
        if (batch.errors().isPresent()) {
            batches.advance(id, now -> now.noted(Optional.empty()));
        }
        long begun = System.nanoTime();
        CompletableFuture<Job> end = desk.crew.start(job, word -> {});
        var unused = end.whenComplete((any, problem) -> signal.wake());
        HostedBatch now = batch;
        while (!end.isDone() && now.status() != Status.CANCELLING) {
            signal.await(early.patience(now));
            now = batches.find(id).orElse(now);
            early.append(now);
        }
        if (System.nanoTime() - begun > LONGEST_PAUSE.toNanos()) {
            pause = FIRST_PAUSE;
        }
        if (end.isCompletedExceptionally()) {
            note(end.exceptionNow());
        }
    }

    private void note(Throwable problem) throws InterruptedException {
        if (!(problem instanceof RefusedException)) {
            LOG.warn("The job of batch {} failed, and is begun again", id, problem);
        }
        String why =
                problem instanceof RefusedException
                        ? String.valueOf(problem.getMessage())
                        : "The server had a problem of its own; its log says more. The batch goes"
                                + " on when it is solved.";
        RawJson errors = BatchInput.error("backend_unavailable", why);
        batches.advance(id, now -> now.noted(Optional.of(errors)));
        pause();
    }

    private void finish(Optional<JobId> job, Status wanted) throws InterruptedException {
        early.close();
        HostedBatch batch = batches.advance(id, now -> now.finalizing(desk.clock.instant()));
        Status end = batch.status() == Status.CANCELLING ? Status.CANCELLED : wanted;
        HostedBatch named = ResultFiles.named(store, batch);
        ResultFiles.Totals totals;
        try (var files = new ResultFiles(store, named, signal)) {
            if (named.order().form() == Form.MESSAGES && named.counts().failed() > 0) {
                desk.input.read(named, item -> {}, files::refused);
            }
            totals = files.finish(job, end);
        }
        tell(batches.advance(id, now -> now.ended(ending(now, end, totals), desk.clock.instant())));
        if (named.order().form() == Form.MESSAGES) {
            store.files().delete(named.order().inputFile());
        }
    }

    private static HostedBatch.Ending ending(
            HostedBatch batch, Status end, ResultFiles.Totals totals) {
        long left = totals.unexecuted();
        return new HostedBatch.Ending(
                end,
                new Counts(
                        batch.counts().total(),
                        totals.good(),
                        totals.failed(),
                        end == Status.EXPIRED ? left : 0,
                        end == Status.EXPIRED ? 0 : left),
                Optional.of(totals.tokens()),
                totals.model(),
                totals.outputFile(),
                totals.errorFile());
    }

    private void tell(HostedBatch batch) {
        desk.onChange.accept(batch);
    }

    /** The writing of results that are shown while the batch runs. */
    private final class EarlyAppending implements AutoCloseable {
        private static final Duration EVERY = Duration.ofSeconds(1);
        private static final int SHARE = 10;

        private @Nullable ResultFiles files;
        private long seen = -1;
        private long next = System.nanoTime();

        /** How long to wait until the next look. */
        Duration patience(HostedBatch batch) {
            return batch.order().layout() == Layout.APART ? LOOK : EVERY;
        }

        // In no more than a tenth of the time: what a look costs grows with the job.
        void append(HostedBatch batch) throws InterruptedException {
            long done = batch.counts().completed() + batch.counts().failed();
            long now = System.nanoTime();
            if (batch.order().layout() == Layout.APART || done == seen || now - next < 0) {
                return;
            }
            open(batch).append(batch.job().orElseThrow());
            seen = done;
            long cost = System.nanoTime() - now;
            next = System.nanoTime() + Math.max(EVERY.toNanos(), SHARE * cost);
        }

        private ResultFiles open(HostedBatch batch) {
            ResultFiles opened = files;
            if (opened == null) {
                opened = new ResultFiles(store, ResultFiles.named(store, batch), signal);
                files = opened;
            }
            return opened;
        }

        @Override
        public void close() {
            ResultFiles opened = files;
            files = null;
            if (opened != null) {
                opened.close();
            }
        }
    }
}
