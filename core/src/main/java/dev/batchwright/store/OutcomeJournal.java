package dev.batchwright.store;

import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes outcomes down for thousands of threads that share one sync. Each builds its own line and
 * waits; one thread takes all that wait, appends them, syncs once, hands them to the index and
 * wakes them. While it syncs, the next group gathers: the slower the disk, the larger the groups.
 *
 * <p>If a write fails, everyone who waits and everyone who comes later gets the failure. The
 * segment may then end with a torn line, and nothing is ever appended behind it.
 */
final class OutcomeJournal implements AutoCloseable {
    private final Segments.Writer writer;
    private final OutcomeIndexer indexer;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // The three below: under the lock.
    private List<Entry> waiting = new ArrayList<>();
    private boolean closed;
    private @Nullable Throwable failure;

    OutcomeJournal(String worker, Segments.Writer writer, OutcomeIndexer indexer) {
        this.writer = writer;
        this.indexer = indexer;
        this.thread = Thread.ofPlatform().daemon().name("journal-" + worker).start(this::run);
    }

    /** The segment of a worker's journal. */
    static String segment(String worker) {
        return "outcomes-" + worker + ".jsonl";
    }

    /**
     * Returns when the outcome is durable. An interrupt does not end the wait, because what was
     * paid for is to be kept; it stays set.
     */
    void append(Lease lease, long seq, Outcome outcome) {
        append(List.of(entry(lease, seq, OutcomeLine.of(lease, seq, outcome), outcome)));
    }

    /** An outcome to be appended by this thread. */
    static Entry entry(Lease lease, long seq, OutcomeLine line, Outcome outcome) {
        return new Entry(Thread.currentThread(), line, lease, seq, outcome);
    }

    /** Appends several outcomes, behind each other and with one sync. */
    void append(List<Entry> entries) {
        lock.lock();
        try {
            throwFailure();
            if (closed) {
                throw new StoreException(
                        "Worker %s is closed: item %d was not stored."
                                .formatted(
                                        entries.getFirst().lease.owner(), entries.getFirst().seq));
            }
            waiting.addAll(entries);
            if (waiting.size() == entries.size()) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        boolean durable = true;
        for (Entry entry : entries) {
            durable &= entry.await();
        }
        if (!durable) {
            check();
        }
    }

    /**
     * @throws StoreException if a write failed
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
        List<Entry> group = List.of();
        try {
            for (group = take(); !group.isEmpty(); group = take()) {
                write(group);
                group.forEach(entry -> entry.finish(true));
            }
        } catch (Throwable e) {
            // The thread's edge: whatever it is, those who wait must hear of it.
            fail(e, group);
        }
    }

    private List<Entry> take() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            List<Entry> group = waiting;
            waiting = new ArrayList<>();
            return group;
        } finally {
            lock.unlock();
        }
    }

    private void write(List<Entry> group) throws IOException {
        var outcomes = new ArrayList<IndexedOutcome>(group.size());
        for (Entry entry : group) {
            outcomes.add(entry.indexed(writer.position()));
            entry.line.appendTo(writer);
        }
        writer.sync();
        // Before the wake-up: who flushes after a record finds it in the index.
        indexer.add(outcomes);
    }

    private void fail(Throwable cause, List<Entry> group) {
        List<Entry> others;
        lock.lock();
        try {
            failure =
                    cause instanceof IOException
                            ? new StoreException(
                                    """
                                    Outcomes can't be written to the store (%s). Free some space or \
                                    check the disk, then run the same command again: what was \
                                    acknowledged is safe.\
                                    """
                                            .formatted(cause.getMessage()),
                                    cause)
                            : cause;
            others = waiting;
            waiting = new ArrayList<>();
        } finally {
            lock.unlock();
        }
        group.forEach(entry -> entry.finish(false));
        others.forEach(entry -> entry.finish(false));
    }

    /** Lets the groups under way end; nothing can be appended afterwards. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        Threads.join(thread);
        try {
            writer.close();
        } catch (IOException e) {
            throw new StoreException(
                    "The outcomes' segment can't be closed (%s).".formatted(e.getMessage()), e);
        }
    }

    /** An outcome and the thread that waits for it to be durable. */
    static final class Entry {
        private final Thread waiter;
        private final OutcomeLine line;
        private final Lease lease;
        private final long seq;
        private final Outcome outcome;
        private boolean durable;
        private volatile boolean finished;

        Entry(Thread waiter, OutcomeLine line, Lease lease, long seq, Outcome outcome) {
            this.waiter = waiter;
            this.line = line;
            this.lease = lease;
            this.seq = seq;
            this.outcome = outcome;
        }

        IndexedOutcome indexed(long offset) {
            return line.indexed(lease, seq, outcome, offset);
        }

        void finish(boolean durable) {
            this.durable = durable;
            finished = true;
            LockSupport.unpark(waiter);
        }

        boolean await() {
            boolean interrupted = false;
            while (!finished) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                waiter.interrupt();
            }
            return durable;
        }
    }
}
