package dev.batchwright.server.batches;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes the thread of one batch, or tells it to leave. Any thread may; one waits. */
final class RunSignal {
    private final Semaphore changes = new Semaphore(0);
    private volatile boolean closed;

    /** Something has changed that the batch's thread should look at. */
    void wake() {
        changes.release();
    }

    /** The thread is to leave the batch to others. */
    void close() {
        closed = true;
        changes.release();
    }

    /**
     * @throws InterruptedException if this was closed
     */
    void check() throws InterruptedException {
        if (closed) {
            throw new InterruptedException("The server stops; the batch goes on with the next.");
        }
    }

    /**
     * Returns when something has changed, or the time is over.
     *
     * @throws InterruptedException if this was closed
     */
    void await(Duration atMost) throws InterruptedException {
        check();
        if (changes.tryAcquire(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS)) {
            changes.drainPermits();
        }
        check();
    }
}
