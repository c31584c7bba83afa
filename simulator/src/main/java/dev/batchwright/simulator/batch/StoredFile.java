package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.FileSlice;

import java.time.Instant;
import java.util.Optional;

/**
 * A file of the account.
 *
 * @param visibleFrom before that, the provider says that it does not exist
 * @param number in the order in which files came
 */
public record StoredFile(
        String id,
        String name,
        String purpose,
        FileSlice content,
        Instant createdAt,
        Optional<Instant> expiresAt,
        Instant visibleFrom,
        long number) {
    boolean visible(Instant now) {
        return !now.isBefore(visibleFrom) && expiresAt.map(now::isBefore).orElse(true);
    }
}
