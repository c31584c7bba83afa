package dev.batchwright.store;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets the index follow a worker's journal, in large transactions: after {@link #ENOUGH} outcomes,
 * after its patience, or when somebody flushes. Its backlog is bounded: where the database is
 * slower than the disk, the journal waits.
 */
final class OutcomeIndexer implements AutoCloseable {
    private static final int ENOUGH = 50_000;
    private static final int TOO_MANY = 150_000;

    private final long patience;
    private final OutcomeIndex index;
    private final String segment;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // All below: under the lock.
    private List<IndexedOutcome> backlog = new ArrayList<>();
    private long added;
    private long applied;
    private long wanted;
    private boolean closed;
    private @Nullable Throwable failure;

    private OutcomeIndexer(String worker, OutcomeIndex index, String segment, long patience) {
        this.patience = patience;
        this.index = index;
        this.segment = segment;
        this.thread = Thread.ofPlatform().daemon().name("index-" + worker).start(this::run);
    }

    /** The index follows within a second, in few transactions. */
    static OutcomeIndexer patient(String worker, OutcomeIndex index, String segment) {
        return new OutcomeIndexer(worker, index, segment, TimeUnit.SECONDS.toNanos(1));
    }

    /**
     * The index follows at once, because callers wait: what comes while a transaction runs is the
     * next one.
     */
    static OutcomeIndexer prompt(String worker, OutcomeIndex index, String segment) {
        return new OutcomeIndexer(worker, index, segment, 0);
    }

    /** Adds durable outcomes in the order of the segment. */
    void add(List<IndexedOutcome> outcomes) {
        lock.lock();
        try {
            while (backlog.size() >= TOO_MANY && failure == null) {
                changed.awaitUninterruptibly();
            }
            throwFailure();
            boolean first = backlog.isEmpty();
            backlog.addAll(outcomes);
            added += outcomes.size();
            if (first || backlog.size() >= ENOUGH) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns when everything added before is indexed. */
    void flush() {
        lock.lock();
        try {
            long target = added;
            wanted = Math.max(wanted, target);
            changed.signalAll();
            while (applied < target && failure == null) {
                changed.awaitUninterruptibly();
            }
            throwFailure();
        } finally {
            lock.unlock();
        }
    }

    /**
     * @throws StoreException if the database refused
     */
    void check() {
        lock.lock();
        try {
            throwFailure();
        } finally {
            lock.unlock();
        }
    }

    private void throwFailure() {
        if (failure != null) {
            throw new StoreException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private void run() {
        try {
            for (var batch = take(); !batch.isEmpty(); batch = take()) {
                index.apply(segment, batch);
                finish(batch.size());
            }
        } catch (Throwable e) {
            // The thread's edge: whatever it is, those who wait must hear of it.
            fail(e);
        }
    }

    private List<IndexedOutcome> take() throws InterruptedException {
        lock.lock();
        try {
            while (backlog.isEmpty() && !closed) {
                changed.await();
            }
            long left = patience;
            while (left > 0 && backlog.size() < ENOUGH && wanted <= applied && !closed) {
                left = changed.awaitNanos(left);
            }
            List<IndexedOutcome> batch = backlog;
            backlog = new ArrayList<>();
            // The journal may fill the next batch meanwhile.
            changed.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void finish(int count) {
        lock.lock();
        try {
            applied += count;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void fail(Throwable cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Indexes what is left and ends. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Threads.join(thread);
    }
}
