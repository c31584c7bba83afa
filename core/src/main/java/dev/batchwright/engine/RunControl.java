package dev.batchwright.engine;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How a run ends early: whoever finds out first says why, and everybody hears of it once.
 * Thread-safe.
 */
final class RunControl {
    private final AtomicReference<@Nullable RunEnd> ending = new AtomicReference<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicReference<@Nullable String> problem = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** To be called on the thread that ends the run; before anybody can end it. */
    void onEnd(Runnable listener) {
        listeners.add(listener);
    }

    void end(RunEnd why) {
        if (why instanceof RunEnd.Blocked(String said)) {
            problem.compareAndSet(null, said);
        }
        if (ending.compareAndSet(null, why)) {
            listeners.forEach(Runnable::run);
            ended.countDown();
        }
    }

    /** Something broke that nobody foresaw, or the store failed: the run stays resumable. */
    void fail(Throwable problem) {
        failure.compareAndSet(null, problem);
        end(new RunEnd.Interrupted());
    }

    /** What blocked it, also where it was ending for another reason already. */
    Optional<String> problem() {
        return Optional.ofNullable(problem.get());
    }

    boolean isEnding() {
        return ending.get() != null;
    }

    Optional<RunEnd> ending() {
        return Optional.ofNullable(ending.get());
    }

    /** Waits until the run is ending, at most this long; says whether it is. */
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    void throwFailure() {
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }
}
