package dev.batchwright.engine;

import dev.batchwright.provider.AttemptOutcome;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Knows since when a provider could not be reached. An outage of a few seconds is sat out by each
 * item's own attempts; one that lasts, with nothing but failed connections, concerns them all, and
 * waiting until some item has used up its attempts could take as long as the queue is.
 *
 * <p>Thread-safe.
 */
final class Reachability {
    /** How long a provider may be gone before the job stops. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, Instant> goneSince = new ConcurrentHashMap<>();

    /** Takes note of what a call came to; says whether the provider is gone for too long. */
    boolean isGone(String provider, AttemptOutcome outcome, Instant now) {
        if (!(outcome instanceof AttemptOutcome.Unreachable)) {
            goneSince.remove(provider);
            return false;
        }
        Instant since = goneSince.computeIfAbsent(provider, name -> now);
        return Duration.between(since, now).compareTo(PATIENCE) >= 0;
    }
}
