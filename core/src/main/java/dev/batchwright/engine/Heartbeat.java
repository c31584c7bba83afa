package dev.batchwright.engine;

import dev.batchwright.store.Worker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Renews a worker's leases as long as it is open, and passes on what each renewal said. A store
 * that fails is reported once, and the beating stops: leases then expire by themselves.
 */
final class Heartbeat implements AutoCloseable {
    private final Worker worker;
    private final Consumer<Worker.Pulse> onPulse;
    private final Consumer<Throwable> onFailure;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    Heartbeat(Worker worker, Consumer<Worker.Pulse> onPulse, Consumer<Throwable> onFailure) {
        this.worker = worker;
        this.onPulse = onPulse;
        this.onFailure = onFailure;
        // A platform thread: it must beat however busy the virtual ones are.
        this.thread = Thread.ofPlatform().daemon().name("heartbeat").start(this::beat);
    }

    private void beat() {
        try {
            while (!stopped.await(Worker.HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS)) {
                onPulse.accept(worker.renew());
            }
        } catch (InterruptedException e) {
            // Nobody but close ends this thread; an interrupt means the same.
        } catch (Throwable e) {
            // The thread's edge: without it leases would run out unnoticed.
            onFailure.accept(e);
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
