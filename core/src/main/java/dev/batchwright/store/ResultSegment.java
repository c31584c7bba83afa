package dev.batchwright.store;

import dev.batchwright.job.Lease;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A result file that was downloaded to its end.
 *
 * @param applied how far it was read and indexed
 */
record ResultSegment(String name, long applied) {
    private static final int READABLE = 80;

    /** What was downloaded for a shard under this name, by whoever held it. */
    static Optional<ResultSegment> find(Database database, Lease lease, String source) {
        return database.read(
                connection ->
                        Sql.first(
                                connection,
                                """
                                select name, applied from segment
                                 where shard_id = ? and source = ?
                                """,
                                row ->
                                        new ResultSegment(
                                                row.getString("name"), row.getLong("applied")),
                                lease.shard().id(),
                                source));
    }

    /**
     * What a download under this epoch of the shard's lease writes to: each epoch a segment of its
     * own, so that an owner that was only silent never writes into its successor's. Providers
     * choose their names, so that only harmless letters become a part of ours, and a checksum keeps
     * two of them apart.
     */
    static String name(Lease lease, long epoch, String source) {
        var checksum = new CRC32C();
        checksum.update(source.getBytes(StandardCharsets.UTF_8));
        String readable = source.replaceAll("[^A-Za-z0-9._-]", "_");
        return "results-%d-%d-%s-%s.jsonl"
                .formatted(
                        lease.shard().id(),
                        epoch,
                        HexFormat.of().toHexDigits((int) checksum.getValue()),
                        readable.substring(0, Math.min(readable.length(), READABLE)));
    }
}
