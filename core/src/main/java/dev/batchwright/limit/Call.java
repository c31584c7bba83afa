package dev.batchwright.limit;

/**
 * One call, from the wait for its turn to its end: waiting, then under way, then over; or withdrawn
 * while it waited. The account's lock protects every change; the thread that waits reads {@link
 * #state} and {@link #wakeAt} without it.
 */
final class Call {
    enum State {
        WAITING,
        UNDER_WAY,
        OVER
    }

    final Lane lane;
    final long tokens;

    /** Wakes the one who waits; set before it stands in its lane. */
    private Runnable wake = () -> {};

    volatile State state = State.WAITING;

    /**
     * When the one who waits must look again by itself; only the first of a lane is told a time.
     */
    volatile long wakeAt = Long.MAX_VALUE;

    long sentAt;

    Call(Lane lane, long tokens) {
        this.lane = lane;
        this.tokens = tokens;
    }

    void wakeBy(Runnable waker) {
        wake = waker;
    }

    /** Tells the one who waits to look again at that time; he is woken if he would sleep longer. */
    void waitUntil(long time) {
        boolean sleepsTooLong = time < wakeAt;
        wakeAt = time;
        if (sleepsTooLong) {
            wake.run();
        }
    }

    void send(long now) {
        sentAt = now;
        state = State.UNDER_WAY;
        wake.run();
    }
}
