package dev.batchwright.store;

import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes outcomes down for thousands of threads that share one sync. Each builds its own line and
 * waits; one thread takes all that wait, appends them, syncs once, hands them to the index and
 * wakes them. While it syncs, the next group gathers: the slower the disk, the larger the groups.
 *
 * <p>Those who come put themselves on a stack, without a lock: with a thousand at once, waiting for
 * one took longer than writing. Whoever finds it empty wakes the writer.
 *
 * <p>If a write fails, everyone who waits and everyone who comes later gets the failure. The
 * segment may then end with a torn line, and nothing is ever appended behind it.
 */
final class OutcomeJournal implements AutoCloseable {
    private final Segments.Writer writer;
    private final OutcomeIndexer indexer;
    private final Thread thread;

    /** Those that wait, the last to come on top; {@link #CLOSED} once nobody may come any more. */
    private final AtomicReference<@Nullable Visit> top = new AtomicReference<>();

    private static final Visit CLOSED = new Visit(List.of());

    private volatile boolean closing;
    private volatile @Nullable Throwable failure;

    /** Outcomes that came together. */
    private static final class Visit {
        private final List<Entry> entries;
        private @Nullable Visit before;

        Visit(List<Entry> entries) {
            this.entries = entries;
        }
    }

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
        if (!push(new Visit(entries))) {
            check();
            throw new StoreException(
                    "Worker %s is closed: item %d was not stored."
                            .formatted(entries.getFirst().lease.owner(), entries.getFirst().seq));
        }
        boolean durable = true;
        for (Entry entry : entries) {
            durable &= entry.await();
        }
        if (!durable) {
            check();
        }
    }

    private boolean push(Visit visit) {
        while (true) {
            Visit last = top.get();
            if (last == CLOSED) {
                return false;
            }
            visit.before = last;
            if (top.compareAndSet(last, visit)) {
                if (last == null) {
                    LockSupport.unpark(thread);
                }
                return true;
            }
        }
    }

    /**
     * @throws StoreException if a write failed
     */
    void check() {
        Throwable cause = failure;
        if (cause != null) {
            throw new StoreException(String.valueOf(cause.getMessage()), cause);
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

    /** All that wait, in the order in which they came; nothing when there will be no more. */
    private List<Entry> take() {
        while (true) {
            boolean last = closing;
            Visit visit = top.getAndSet(last ? CLOSED : null);
            if (visit != null && visit != CLOSED) {
                return inOrder(visit);
            }
            if (last) {
                return List.of();
            }
            LockSupport.park(this);
        }
    }

    private static List<Entry> inOrder(Visit top) {
        var entries = new ArrayList<Entry>();
        for (Visit visit = top; visit != null; visit = visit.before) {
            entries.addAll(visit.entries.reversed());
        }
        Collections.reverse(entries);
        return entries;
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
        Visit others = top.getAndSet(CLOSED);
        group.forEach(entry -> entry.finish(false));
        if (others != null) {
            inOrder(others).forEach(entry -> entry.finish(false));
        }
    }

    /** Lets the groups under way end; nothing can be appended afterwards. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
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
