package dev.batchwright.store;

import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/**
 * This process as the keeper of batches and of files that are being written: one lock for all of
 * them, taken when it is first needed. Where the lock was lost, with a connection to the database,
 * others may have taken over what it stood for; from then on this process goes by another name.
 * Thread-safe.
 */
final class Keeper implements AutoCloseable {
    private final Presence presence;
    private final Supplier<String> names;
    private @Nullable String name;
    private Presence.@Nullable Held held;

    Keeper(Presence presence, Supplier<String> names) {
        this.presence = presence;
        this.names = names;
    }

    /** Its name, under which it lives. */
    synchronized String name() {
        if (held != null && !isHeld(held)) {
            release();
        }
        String known = name;
        if (known == null || held == null) {
            known = names.get();
            held = presence.hold(known);
            name = known;
        }
        return known;
    }

    private static boolean isHeld(Presence.Held lock) {
        try {
            lock.check();
            return true;
        } catch (StoreException e) {
            return false;
        }
    }

    private void release() {
        Presence.Held lock = held;
        held = null;
        name = null;
        if (lock != null) {
            try {
                lock.close();
            } catch (StoreException e) {
                // It was lost, and so is the connection that it lay on.
            }
        }
    }

    @Override
    public synchronized void close() {
        Presence.Held lock = held;
        held = null;
        name = null;
        if (lock != null) {
            lock.close();
        }
    }
}
