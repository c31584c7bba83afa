package dev.batchwright.store;

import java.time.Instant;
import java.util.Optional;

/**
 * A file that a user uploaded, or that a batch of a user writes.
 *
 * @param owner whose it is: nobody else may see it
 * @param purpose as the API names it: {@code batch}, {@code batch_output}
 * @param bytes that can be read; of one that still grows, those that are there by now
 * @param lines that those bytes hold
 * @param growing whether more will follow
 * @param expiresAt when it goes by itself; empty: never
 */
public record HostedFile(
        String id,
        String owner,
        String filename,
        String purpose,
        long bytes,
        long lines,
        boolean growing,
        Instant createdAt,
        Optional<Instant> expiresAt) {}
