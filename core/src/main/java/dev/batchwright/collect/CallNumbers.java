package dev.batchwright.collect;

import dev.batchwright.store.CallKey;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Numbers equal calls of one session: the first is 1, the second 2. A caller that ended without an
 * answer hands its number back, and the next equal call takes it up: it is the same call, made
 * again.
 *
 * <p>Memory: some hundred bytes for each different call, for as long as its answer may be reused,
 * or twice that. What was not made for so long has no answer that could be given again, and starts
 * at 1. Thread-safe.
 */
final class CallNumbers {
    private final Duration reuse;
    private Map<CallKey, Taken> young = new HashMap<>();
    private Map<CallKey, Taken> old = new HashMap<>();
    private Instant turned;

    /** The numbers of equal calls: those up to the highest, but for those that are free. */
    private static final class Taken {
        int highest;
        @Nullable TreeSet<Integer> free;
    }

    CallNumbers(Duration reuse, Instant now) {
        this.reuse = reuse;
        this.turned = now;
    }

    /**
     * @param first the call, numbered 1
     */
    synchronized CallKey take(CallKey first, Instant now) {
        if (Duration.between(turned, now).compareTo(reuse) >= 0) {
            old = young;
            young = new HashMap<>();
            turned = now;
        }
        Taken taken = taken(first);
        TreeSet<Integer> free = taken.free;
        if (free == null) {
            return first.numbered(++taken.highest);
        }
        int number = free.removeFirst();
        if (free.isEmpty()) {
            taken.free = null;
        }
        return first.numbered(number);
    }

    private Taken taken(CallKey first) {
        Taken known = young.get(first);
        if (known == null) {
            known = old.remove(first);
            if (known == null) {
                known = new Taken();
            }
            young.put(first, known);
        }
        return known;
    }

    synchronized void giveBack(CallKey key) {
        Taken taken = taken(key.numbered(1));
        if (taken.highest < key.number()) {
            return; // Forgotten meanwhile.
        }
        TreeSet<Integer> free = taken.free;
        if (free == null) {
            free = new TreeSet<>();
            taken.free = free;
        }
        free.add(key.number());
    }
}
