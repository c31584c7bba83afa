package dev.batchwright;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Tells a job's listeners: progress and results in a virtual thread each, the completion after
 * both, when every call before has returned. At most {@value #CALLS} calls are with the executor at
 * once, however many results there are.
 */
final class Telling<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Batchwright.class);
    private static final int CALLS = 256;
    private static final long PROGRESS_MILLIS = 500;

    private final Job<T> job;
    private final Listeners<T> listeners;
    private final Semaphore calls = new Semaphore(CALLS);
    // Taken at once: when the library closes, a job that is over must not be begun again to be
    // told.
    private final CompletableFuture<JobStatus> end;
    private final Thread thread;

    Telling(Job<T> job, Listeners<T> listeners) {
        this.job = job;
        this.listeners = listeners;
        this.end = job.end();
        this.thread = Thread.ofVirtual().name("callbacks of " + job.id()).start(this::tell);
    }

    private void tell() {
        var progress = listeners.onProgress().map(it -> start("progress", () -> progress(it)));
        var results = listeners.onResult().map(it -> start("results", () -> results(it)));
        try {
            if (progress.isPresent()) {
                progress.get().await();
            }
            if (results.isPresent()) {
                results.get().await();
            }
            JobStatus status = Job.get(end);
            calls.acquire(CALLS);
            calls.release(CALLS);
            if (status.isOver()) {
                listeners.onCompletion().ifPresent(it -> call(() -> it.accept(status)));
            }
            calls.acquire(CALLS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("Job {} can't tell of its end: {}", job.id(), e.getMessage());
        }
    }

    private CountDownLatch start(String what, Runnable action) {
        var over = new CountDownLatch(1);
        Thread.ofVirtual()
                .name(what + " of " + job.id())
                .start(
                        () -> {
                            try {
                                action.run();
                            } catch (RuntimeException e) {
                                LOG.warn(
                                        "Job {} can't tell its {} any more: {}",
                                        job.id(),
                                        what,
                                        e.getMessage());
                            } finally {
                                over.countDown();
                            }
                        });
        return over;
    }

    private void progress(Consumer<JobStatus> listener) {
        boolean over = false;
        while (!over) {
            over = endsWithin(PROGRESS_MILLIS);
            JobStatus status = job.status();
            call(() -> listener.accept(status));
        }
    }

    private boolean endsWithin(long millis) {
        try {
            end.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        } catch (InterruptedException e) {
            throw Job.interrupted(e);
        }
    }

    private void results(Consumer<Result<T>> listener) {
        for (Result<T> result : job.results()) {
            call(() -> listener.accept(result));
        }
    }

    private void call(Runnable callback) {
        calls.acquireUninterruptibly();
        try {
            listeners
                    .executor()
                    .execute(
                            () -> {
                                try {
                                    callback.run();
                                } catch (Throwable e) {
                                    job.callbackFailed(e);
                                } finally {
                                    calls.release();
                                }
                            });
        } catch (RuntimeException refused) {
            calls.release();
            job.callbackFailed(refused);
        }
    }

    boolean isOver() {
        return !thread.isAlive();
    }

    void join() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
