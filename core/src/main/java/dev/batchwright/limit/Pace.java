package dev.batchwright.limit;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Spaces calls so that a limit per minute is kept: virtual scheduling (GCRA, ITU-T I.371). Every
 * unit taken moves {@code due}, the time when all that was taken will have been earned, on by the
 * time that one unit takes; a call may go while {@code due} is less than {@link #BURST} ahead. A
 * call that is bigger than the burst goes when nothing is owed, and those after it wait until it is
 * paid back.
 *
 * <p>So in any span of time no more is taken than the limit allows plus half a second's worth: the
 * other half of the second is left to the network, which delivers calls closer together than they
 * were sent. Against a server whose bucket is smaller still, or that others use too, the rate
 * itself gives way a little with each refusal and creeps back as calls are answered. Where the
 * server's bucket is large and runs dry, because others share it, the rate is lowered in proportion
 * before it refuses anyone.
 *
 * <p>Not thread-safe: time comes in, and the owner's lock protects it.
 */
final class Pace {
    static final long BURST = Duration.ofMillis(500).toNanos();

    private static final double MINUTE = Duration.ofMinutes(1).toNanos();
    private static final double LARGE_BUCKET = Duration.ofSeconds(5).toNanos();
    private static final int LARGE_BUCKET_UNITS = 5;

    // One refusal in two hundred calls holds the balance between giving way and creeping back.
    private static final double MOST_HEADROOM = 0.985;
    private static final double LEAST_HEADROOM = 0.5;
    private static final double GIVE_WAY = 0.97;
    private static final double CREEP_BACK = 0.00015;

    private static final double NEARLY_DRY = 0.2;
    private static final double SLOWEST = 0.1;
    private static final double SLOWEST_WITHOUT_RESET = 0.5;

    private final OptionalLong configured;
    private double perMinute;
    private double headroom = MOST_HEADROOM;
    private double share = 1;
    private double nanosPerUnit;
    private long due;

    Pace(OptionalLong configured, long now) {
        this.configured = configured;
        this.perMinute = configured.isPresent() ? configured.getAsLong() : 0;
        this.due = now - BURST;
        adjust();
    }

    /** The limit that is kept now, if one is known. */
    OptionalLong perMinute() {
        return known() ? OptionalLong.of((long) perMinute) : OptionalLong.empty();
    }

    boolean known() {
        return perMinute > 0;
    }

    /** When that many units may be taken, if nobody takes any before; in the past: at once. */
    long readyAt(long units) {
        return due + Math.min(nanos(units), BURST) - BURST;
    }

    void take(long units, long now) {
        due = Math.max(due, now) + nanos(units);
    }

    /** What was taken turned out to be more, or less, than was reserved. */
    void correct(long more) {
        due += nanos(more);
    }

    /** Takes over what the server says. */
    void learn(LimitReport.Window window) {
        if (window.perMinute().isPresent() && window.perMinute().getAsLong() > 0) {
            long reported = window.perMinute().getAsLong();
            perMinute = Math.min(reported, configured.orElse(reported));
            share = shareOf(window, reported);
            adjust();
        }
    }

    /**
     * Whether this limit explains that the server refused a call: it says that not enough is left,
     * or says nothing and we use all that the limit gives.
     */
    boolean explainsRefusal(long units, LimitReport.Window report, long now) {
        if (!known()) {
            return false;
        }
        return report.remaining().isPresent()
                ? report.remaining().getAsLong() < units
                : due - now >= BURST / 2;
    }

    void answered() {
        if (headroom < MOST_HEADROOM) {
            headroom = Math.min(MOST_HEADROOM, headroom + CREEP_BACK);
            adjust();
        }
    }

    void refused() {
        headroom = Math.max(LEAST_HEADROOM, headroom * GIVE_WAY);
        adjust();
    }

    // What is left and the time to refill tell how large the bucket is. A small one is never far
    // from dry; a large one that runs dry is being used by others too.
    private static double shareOf(LimitReport.Window window, long reported) {
        if (window.remaining().isEmpty()) {
            return 1;
        }
        // The call that was told had just taken its own part.
        double left = (window.remaining().getAsLong() + 1) * (MINUTE / reported);
        double size =
                window.fullIn().isPresent() ? left + saturated(window.fullIn().get()) : MINUTE;
        if (size < Math.max(LARGE_BUCKET, LARGE_BUCKET_UNITS * (MINUTE / reported))) {
            return 1;
        }
        double floor = window.fullIn().isPresent() ? SLOWEST : SLOWEST_WITHOUT_RESET;
        return Math.clamp(left / size / NEARLY_DRY, floor, 1);
    }

    private static double saturated(Duration duration) {
        return duration.getSeconds() * 1e9 + duration.getNano();
    }

    private void adjust() {
        nanosPerUnit = known() ? MINUTE / (perMinute * headroom * share) : 0;
    }

    private long nanos(long units) {
        return (long) (units * nanosPerUnit);
    }
}
