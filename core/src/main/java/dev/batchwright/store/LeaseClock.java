package dev.batchwright.store;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The one clock by which leases are written and judged: this machine's, as far as it is wrong by
 * the database's. Otherwise a worker whose clock is ahead would take over from healthy ones.
 */
record LeaseClock(Database database, InstantSource clock) implements InstantSource {
    @Override
    public Instant instant() {
        return clock.instant().plus(database.ahead());
    }
}
