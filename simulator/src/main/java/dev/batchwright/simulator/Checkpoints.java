package dev.batchwright.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * Where calls stop: for a {@link CallListener}, and for those who asked over HTTP to hold a call.
 * Thread-safe.
 */
final class Checkpoints {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Trap> traps = new ArrayList<>(); // under the lock
    private final List<Held> held = new ArrayList<>(); // under the lock
    private long releases; // under the lock
    private volatile Optional<CallListener> listener = Optional.empty();
    private volatile boolean idle = true;

    /** The two moments of a call. */
    enum Moment {
        BEFORE,
        AFTER
    }

    /** A call that waits. */
    record Held(Moment at, String method, String path) {}

    /** Holds the n-th call that fits. */
    private static final class Trap {
        final Moment at;
        final String method;
        final Pattern path;
        long left;

        Trap(Moment at, String method, Pattern path, long nth) {
            this.at = at;
            this.method = method;
            this.path = path;
            this.left = nth;
        }

        /** Whether this is the one. */
        boolean springs(Held call) {
            return left > 0
                    && call.at() == at
                    && call.method().equals(method)
                    && path.matcher(call.path()).matches()
                    && --left == 0;
        }
    }

    /** Whether nobody wants to know of calls. */
    boolean idle() {
        return idle;
    }

    void listen(CallListener next) {
        listener = Optional.of(next);
        idle = false;
    }

    /** Holds the n-th call from now on that fits; the pattern is for the whole path. */
    void hold(Moment at, String method, Pattern path, long nth) {
        lock.lock();
        try {
            traps.add(new Trap(at, method, path, nth));
            idle = false;
        } finally {
            lock.unlock();
        }
    }

    /** Lets all go that are held, and holds no further ones. */
    void release() {
        lock.lock();
        try {
            traps.clear();
            held.clear();
            releases++;
            idle = listener.isEmpty();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The calls that are held, as soon as there is one, or when the time is over. */
    List<Held> held(Duration patience) {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (held.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return List.copyOf(held);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    /** A call comes to one of its moments; returns when it may go on. */
    void pass(Moment at, String method, String path) {
        listener.ifPresent(
                told -> {
                    switch (at) {
                        case BEFORE -> told.before(method, path);
                        case AFTER -> told.answered(method, path);
                    }
                });
        var call = new Held(at, method, path);
        lock.lock();
        try {
            boolean stops = false;
            for (Trap trap : traps) {
                stops |= trap.springs(call);
            }
            if (!stops) {
                return;
            }
            held.add(call);
            changed.signalAll();
            long before = releases;
            while (releases == before) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
