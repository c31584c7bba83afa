package dev.batchwright;

import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;

/**
 * One subscriber's way through the results of a job, in a virtual thread of its own: it reads on
 * while results are asked for, and waits otherwise.
 */
final class Subscription<T> implements Flow.Subscription {
    private final Job<T> job;
    private final Flow.Subscriber<? super Result<T>> subscriber;
    // What was asked for and not given yet; more than the semaphore holds is as good as endless.
    private final Semaphore asked = new Semaphore(0);
    private volatile boolean cancelled;
    private volatile boolean wrong;

    private Subscription(Job<T> job, Flow.Subscriber<? super Result<T>> subscriber) {
        this.job = job;
        this.subscriber = subscriber;
    }

    static <T> void begin(Job<T> job, Flow.Subscriber<? super Result<T>> subscriber) {
        var subscription = new Subscription<>(job, subscriber);
        Thread.ofVirtual().name("results of " + job.id()).start(subscription::run);
    }

    private void run() {
        try {
            subscriber.onSubscribe(this);
            var results = job.results().iterator();
            while (!cancelled && results.hasNext()) {
                asked.acquire();
                if (wrong) {
                    throw new IllegalArgumentException(
                            "A subscriber asked for less than one result.");
                }
                if (!cancelled) {
                    subscriber.onNext(results.next());
                }
            }
            if (!cancelled) {
                subscriber.onComplete();
            }
        } catch (InterruptedException | RuntimeException e) {
            if (!cancelled) {
                subscriber.onError(e);
            }
        }
    }

    @Override
    public void request(long n) {
        if (n < 1) {
            wrong = true;
            asked.release();
            return;
        }
        long room = (long) Integer.MAX_VALUE - asked.availablePermits();
        asked.release((int) Math.min(n, Math.max(0, room)));
    }

    @Override
    public void cancel() {
        cancelled = true;
        asked.release();
    }
}
