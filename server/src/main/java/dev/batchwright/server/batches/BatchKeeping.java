package dev.batchwright.server.batches;

import dev.batchwright.server.ServingContext;
import dev.batchwright.store.HostedBatch;
import dev.batchwright.store.JobInUseException;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Keeps batches: this process takes those that nobody living keeps from where they are to their
 * ends, a virtual thread each. It looks for such batches when one is created here and every second,
 * so that a batch of a server that died, or was stopped, goes on at once with another. Beside that
 * it removes files that expired, and jobs that nobody can read any more. Thread-safe.
 */
public final class BatchKeeping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchKeeping.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration SWEEP = Duration.ofMinutes(1);
    private static final int RETIRED_AT_ONCE = 100;

    /** Each running job beats in the store every few seconds. */
    private static final int MOST_AT_ONCE = 500;

    private static final int READINGS_AT_ONCE = 2;

    private final Workbench workbench;
    private final ServingContext context;
    private final BatchSettings settings;
    private final HostedRun.Desk desk;
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();
    private final RunSignal signal = new RunSignal();
    private final Thread keeper;

    /** A batch that is carried to its end here, by a thread of its own. */
    private record Kept(RunSignal signal, Thread thread) {}

    /** Begins at once with what is to be done. */
    public BatchKeeping(ServingContext context, Way way, BatchSettings settings) {
        this.context = context;
        this.workbench = context.workbench();
        this.settings = settings;
        var input = new BatchInput(workbench, way, settings);
        this.desk =
                new HostedRun.Desk(
                        workbench,
                        context.crew(),
                        context.clock(),
                        input,
                        new JobMaker(workbench, context.options(), way, input),
                        new Semaphore(READINGS_AT_ONCE),
                        this::tell);
        this.keeper = Thread.ofVirtual().name("batch keeper").start(this::keep);
    }

    /** A batch was created, or cancelled: it must not wait for the next look. */
    void changed(String id) {
        Kept run = kept.get(id);
        if (run == null) {
            signal.wake();
        } else {
            run.signal.wake();
        }
    }

    private void keep() {
        long nextSweep = System.nanoTime();
        try {
            while (true) {
                look();
                if (System.nanoTime() - nextSweep >= 0) {
                    sweep();
                    nextSweep = System.nanoTime() + SWEEP.toNanos();
                }
                signal.await(LOOK);
            }
        } catch (InterruptedException e) {
            // It means that this was closed, which is how the thread ends.
            LOG.debug("No batches are kept any more", e);
        }
    }

    private void look() {
        int room = MOST_AT_ONCE - kept.size();
        if (room <= 0) {
            return;
        }
        try {
            workbench.store().hostedBatches().claim(room).forEach(batch -> begin(batch.id()));
        } catch (RuntimeException e) {
            // The edge of the thread: the store may be back when it looks again.
            LOG.warn("The store can't be asked for batches", e);
        }
    }

    private void begin(String id) {
        var run = new RunSignal();
        Thread thread = Thread.ofVirtual().name(id).unstarted(() -> carry(id, run));
        kept.put(id, new Kept(run, thread));
        thread.start();
    }

    private void carry(String id, RunSignal run) {
        try {
            new HostedRun(desk, id, run).toItsEnd();
        } catch (InterruptedException e) {
            release(id);
        } catch (RuntimeException | Error e) {
            // The edge of the batch's thread: with its end the next look begins it anew.
            LOG.error("The keeping of batch {} failed", id, e);
            release(id);
        } finally {
            // A look may have begun it anew already, once it was released.
            kept.computeIfPresent(id, (any, now) -> now.signal == run ? null : now);
        }
    }

    private void release(String id) {
        try {
            workbench.store().hostedBatches().release(id);
        } catch (StoreException e) {
            LOG.warn("Batch {} stays with this process until it ends", id, e);
        }
    }

    private void sweep() {
        JobStore store = workbench.store();
        try {
            store.files().sweep();
            List<HostedBatch> retired =
                    store.hostedBatches()
                            .retired(
                                    context.clock().instant().minus(settings.filesKept()),
                                    RETIRED_AT_ONCE);
            retired.forEach(this::forgetJob);
        } catch (RuntimeException e) {
            // The edge of the thread: what is left goes with the next sweep.
            LOG.warn("Expired files can't be removed now", e);
        }
    }

    private void forgetJob(HostedBatch batch) {
        JobStore store = workbench.store();
        batch.job()
                .filter(job -> store.find(job).isPresent())
                .ifPresent(
                        job -> {
                            try {
                                store.delete(job);
                            } catch (JobInUseException e) {
                                LOG.debug("Job {} is retried, and stays", job, e);
                            }
                        });
        store.hostedBatches().change(batch.id(), HostedBatch::withoutJob);
    }

    private void tell(HostedBatch batch) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("batch_id", batch.id());
        fields.put("status", batch.status().word());
        fields.put("endpoint", batch.order().endpoint());
        batch.job().ifPresent(job -> fields.put("job", job.value()));
        fields.put("total", batch.counts().total());
        fields.put("completed", batch.counts().completed());
        fields.put("failed", batch.counts().failed());
        context.events().tell("hosted_batch_" + batch.status().word(), fields);
    }

    /** Leaves all batches to others; returns when no thread touches them any more. */
    @Override
    public void close() {
        signal.close();
        join(keeper);
        List<Kept> running = List.copyOf(kept.values());
        running.forEach(run -> run.signal.close());
        running.forEach(run -> join(run.thread));
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
