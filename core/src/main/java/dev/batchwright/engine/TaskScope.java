package dev.batchwright.engine;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A block that owns virtual threads: nobody outlives it. A task is <em>waiting</em> (for a permit,
 * for its next attempt) until it says that it is <em>busy</em> with a call that costs money. When
 * the scope winds down, waiting tasks end at once and busy ones are left to finish their call; what
 * is still busy after the owner's patience is interrupted by {@link #close}.
 *
 * <p>An unexpected failure of a task goes to whoever made the scope, on the task's thread.
 *
 * <p>Threads: {@link #fork} and {@link #join} by the owner; {@link #windDown} by anyone.
 */
final class TaskScope implements AutoCloseable {
    /** What a task does; interrupted while it waits, it ends and leaves its work to another run. */
    @FunctionalInterface
    interface Task {
        void run(Mark mark) throws InterruptedException;
    }

    /** A task's own view of the scope. */
    interface Mark {
        /**
         * The task begins what must not be interrupted lightly.
         *
         * @throws InterruptedException if the scope is winding down: it must not begin
         */
        void busy() throws InterruptedException;

        void waiting();
    }

    private final String name;
    private final Set<Running> tasks = ConcurrentHashMap.newKeySet();
    private final Consumer<Throwable> onFailure;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition nobodyLeft = lock.newCondition();
    private volatile boolean windingDown;

    TaskScope(String name, Consumer<Throwable> onFailure) {
        this.name = name;
        this.onFailure = onFailure;
    }

    /** Starts the task on a virtual thread of its own; once the scope winds down, it does not. */
    void fork(Task task) {
        prepare(task, () -> {}).wake();
    }

    /**
     * A task that begins when it is woken for the first time: until then it has a thread's place
     * here, and no stack.
     *
     * @param abandon run instead, on that thread, if the scope winds down before the task began
     */
    Prepared prepare(Task task, Runnable abandon) {
        var running = new Running(task, abandon);
        tasks.add(running);
        return running;
    }

    /** A task that may have begun or not. */
    interface Prepared {
        /** Starts the task, or unparks its thread. */
        void wake();

        /**
         * All that the task needs is there, though it may not have been woken: ends it if the scope
         * has begun to wind down meanwhile.
         */
        void ready();
    }

    /** Ends the tasks that wait; those that are busy go on until they wait again. */
    void windDown() {
        windingDown = true;
        tasks.forEach(Running::interruptIfWaiting);
    }

    /** Waits until no task is left, at most this long; says whether that is so. */
    boolean join(Duration atMost) throws InterruptedException {
        long nanos = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (!tasks.isEmpty()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = nobodyLeft.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Interrupts what is left and waits for it to end. */
    @Override
    public void close() {
        windingDown = true;
        tasks.forEach(Running::interrupt);
        boolean interrupted = false;
        lock.lock();
        try {
            while (!tasks.isEmpty()) {
                try {
                    // The bound only guards against a task that entered after the interrupts.
                    if (!nobodyLeft.await(1, TimeUnit.SECONDS)) {
                        tasks.forEach(Running::interrupt);
                    }
                } catch (InterruptedException e) {
                    interrupted = true; // Nobody outlives the block, whatever happens.
                }
            }
        } finally {
            lock.unlock();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Running implements Mark, Prepared, Runnable {
        private final Task task;
        private final Runnable abandon;
        private final Thread thread;
        private final AtomicBoolean started = new AtomicBoolean();
        private boolean busy; // guarded by this

        Running(Task task, Runnable abandon) {
            this.task = task;
            this.abandon = abandon;
            this.thread = Thread.ofVirtual().name(name).unstarted(this);
        }

        @Override
        public void run() {
            try {
                if (windingDown) { // An interrupt before the start need not have had an effect.
                    abandon.run();
                } else {
                    task.run(this);
                }
            } catch (InterruptedException stopped) {
                // The scope winds down: what was not begun is left to the next run.
            } catch (Throwable unexpected) {
                // A thread's outermost frame: nobody above would hear of it.
                onFailure.accept(unexpected);
            } finally {
                leave();
            }
        }

        @Override
        public void wake() {
            if (started.get() || !started.compareAndSet(false, true)) {
                LockSupport.unpark(thread);
            } else {
                thread.start();
            }
        }

        @Override
        public void ready() {
            if (windingDown) {
                wake();
            }
        }

        void interrupt() {
            wake();
            thread.interrupt();
        }

        private void leave() {
            tasks.remove(this);
            if (tasks.isEmpty()) {
                lock.lock();
                try {
                    nobodyLeft.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        }

        @Override
        public synchronized void busy() throws InterruptedException {
            if (windingDown) {
                throw new InterruptedException(name + " winds down");
            }
            busy = true;
        }

        @Override
        public synchronized void waiting() {
            busy = false;
            if (windingDown) {
                thread.interrupt();
            }
        }

        synchronized void interruptIfWaiting() {
            if (!busy) {
                interrupt();
            }
        }
    }
}
