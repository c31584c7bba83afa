package dev.batchwright.server.access;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The {@link Allowance} of each key, by its owner. Thread-safe. */
public final class Allowances {
    private final Map<String, Allowance> byOwner = new ConcurrentHashMap<>();

    /**
     * @param now in nanoseconds, as of {@link System#nanoTime}
     */
    public Allowance of(Caller caller, long now) {
        return byOwner.computeIfAbsent(
                caller.owner(), owner -> new Allowance(caller.limits(), now));
    }

    /** From now on the limits of these keys count; what was used stays used. */
    public void change(Keys keys, long now) {
        keys.callers()
                .forEach(
                        caller ->
                                byOwner.computeIfPresent(
                                        caller.owner(),
                                        (owner, known) -> {
                                            known.change(caller.limits(), now);
                                            return known;
                                        }));
    }
}
