package dev.batchwright.server.jobs;

import dev.batchwright.job.Job;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoreException;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Shows the newest jobs to those who want to see them, every few seconds, on one thread. The bound
 * keeps a look cheap however many jobs there were: older ones that are still Active come into sight
 * again as newer ones are deleted.
 */
public final class Lookout implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lookout.class);
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final int NEWEST = 2_000;

    private final JobStore store;
    private final List<Viewer> viewers;
    private final Timer latency;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /** Somebody who is shown jobs, on the thread of the lookout alone. */
    public interface Viewer {
        /**
         * @param jobs the newest first
         */
        void see(List<Job> jobs);
    }

    public Lookout(JobStore store, MeterRegistry meters, List<? extends Viewer> viewers) {
        this.store = store;
        this.viewers = List.copyOf(viewers);
        this.latency =
                Timer.builder("batchwright.store.latency")
                        .description("How long the store takes to list the newest jobs.")
                        .register(meters);
        this.thread = Thread.ofVirtual().name("lookout").start(this::keepLooking);
    }

    private void keepLooking() {
        try {
            do {
                look();
            } while (!closed.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            // Means the same as close.
        }
    }

    private void look() {
        try {
            long begin = System.nanoTime();
            List<Job> jobs = store.jobs(NEWEST);
            latency.record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
            viewers.forEach(viewer -> viewer.see(jobs));
        } catch (StoreException e) {
            LOG.warn("The store could not be looked at; it is tried again", e);
        } catch (RuntimeException e) {
            // The edge of the thread: one look that fails must not be the last.
            LOG.error("A look at the jobs failed", e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // A look is short, and takes up jobs: it must be over.
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
