package dev.batchwright.collect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls that wait for others. A group is due when its first call has waited for the window, or when
 * there are enough calls or bytes.
 *
 * <p>Any thread adds, one takes. Adding takes no lock: a virtual thread that had to wait here, deep
 * in its caller's stack, would have that stack copied once more.
 */
final class Gathering {
    private final long window;
    private final int most;
    private final long mostBytes;
    private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean closed;
    private volatile boolean woken;
    private volatile Thread taker = Thread.currentThread();

    private record Entry(Waiter waiter, int bytes, long since) {}

    Gathering(Duration window, int most, long mostBytes) {
        this.window = window.toNanos();
        this.most = most;
        this.mostBytes = mostBytes;
    }

    /** Returns whether it was taken; not any more, if this is closed. */
    boolean add(Waiter waiter, int size) {
        var entry = new Entry(waiter, size, System.nanoTime());
        entries.add(entry);
        long calls = count.incrementAndGet();
        long sum = bytes.addAndGet(size);
        if (closed && entries.remove(entry)) {
            return false;
        }
        if (calls == 1 || calls == most || (sum >= mostBytes && sum - size < mostBytes)) {
            LockSupport.unpark(taker);
        }
        return true;
    }

    /**
     * Waits for a group, but not longer than this; empty if none is due by then, or this is closed.
     * For one thread.
     */
    List<Waiter> next(Duration patience) throws InterruptedException {
        taker = Thread.currentThread();
        long end = System.nanoTime() + patience.toNanos();
        while (!closed && !woken && !isDue()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long now = System.nanoTime();
            long wait = end - now;
            if (wait <= 0) {
                return List.of();
            }
            Entry first = entries.peek();
            LockSupport.parkNanos(
                    this,
                    first == null ? wait : Math.max(1, Math.min(wait, first.since + window - now)));
        }
        woken = false;
        return closed ? List.of() : take();
    }

    private boolean isDue() {
        Entry first = entries.peek();
        return first != null
                && (count.get() >= most
                        || bytes.get() >= mostBytes
                        || System.nanoTime() - first.since >= window);
    }

    private List<Waiter> take() {
        if (!isDue()) {
            return List.of();
        }
        var group = new ArrayList<Waiter>();
        long size = 0;
        while (group.size() < most && size < mostBytes) {
            Entry entry = entries.poll();
            if (entry == null) {
                break;
            }
            group.add(entry.waiter);
            size += entry.bytes;
        }
        count.addAndGet(-group.size());
        bytes.addAndGet(-size);
        return group;
    }

    /** Ends a wait, if there is one or else the next. From any thread. */
    void wake() {
        woken = true;
        LockSupport.unpark(taker);
    }

    /** How much waits to be taken. */
    long bytes() {
        return bytes.get();
    }

    boolean isClosed() {
        return closed;
    }

    /** Takes no more; returns those who still wait. */
    List<Waiter> close() {
        closed = true;
        LockSupport.unpark(taker);
        var left = new ArrayList<Waiter>();
        for (Entry entry = entries.poll(); entry != null; entry = entries.poll()) {
            left.add(entry.waiter);
        }
        return left;
    }
}
