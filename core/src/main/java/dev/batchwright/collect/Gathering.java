package dev.batchwright.collect;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Calls that wait for others. A group is due when its first call has waited for the window, or when
 * there are enough calls or bytes. Thread-safe; one thread takes the groups.
 */
final class Gathering {
    private final long window;
    private final int most;
    private final long mostBytes;

    // Under the lock.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long bytes;
    private boolean closed;

    private record Entry(Waiter waiter, int bytes, long since) {}

    Gathering(Duration window, int most, long mostBytes) {
        this.window = window.toNanos();
        this.most = most;
        this.mostBytes = mostBytes;
    }

    /** Returns whether it was taken; not any more, if this is closed. */
    boolean add(Waiter waiter, int size) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            entries.add(new Entry(waiter, size, System.nanoTime()));
            bytes += size;
            if (entries.size() == 1 || isFull()) {
                changed.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull() {
        return entries.size() >= most || bytes >= mostBytes;
    }

    /**
     * Waits for a group, but not longer than this; empty if none is due by then, or this is closed.
     */
    List<Waiter> next(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long end = System.nanoTime() + patience.toNanos();
            while (!closed && !isDue()) {
                long now = System.nanoTime();
                long wait = end - now;
                if (wait <= 0) {
                    return List.of();
                }
                if (!entries.isEmpty()) {
                    wait = Math.min(wait, entries.element().since + window - now);
                }
                // How long it took is looked at anew.
                long unused = changed.awaitNanos(Math.max(wait, 1));
            }
            return closed ? List.of() : take();
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue() {
        return !entries.isEmpty()
                && (isFull() || System.nanoTime() - entries.element().since >= window);
    }

    private List<Waiter> take() {
        var group = new ArrayList<Waiter>();
        long size = 0;
        while (!entries.isEmpty() && group.size() < most && size < mostBytes) {
            Entry entry = entries.remove();
            group.add(entry.waiter);
            size += entry.bytes;
        }
        bytes -= size;
        return group;
    }

    int size() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more; returns those who still wait. */
    List<Waiter> close() {
        lock.lock();
        try {
            closed = true;
            List<Waiter> left = entries.stream().map(Entry::waiter).toList();
            entries.clear();
            changed.signal();
            return left;
        } finally {
            lock.unlock();
        }
    }
}
