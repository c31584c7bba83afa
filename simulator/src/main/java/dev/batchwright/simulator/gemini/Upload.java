package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.Payload;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** An upload that was started: its bytes so far lie on disk. Thread-safe. */
final class Upload {
    /** What all chunks but the last must be a multiple of. */
    static final long GRANULE = 256 * 1024;

    private final Wanted wanted;
    private final Path path;
    private final MessageDigest digest = sha256();
    private long received; // this and what follows, under the lock of this
    private boolean cancelled;
    private Optional<StoredUpload> done = Optional.empty();

    /**
     * What the client said when it started.
     *
     * @param key the one that it came with
     * @param bytes the length that it announced, or -1
     */
    record Wanted(String key, String displayName, String mimeType, long bytes) {}

    /**
     * A file that is complete.
     *
     * @param sha256 in the form in which the API tells it: base64 of hexadecimal digits
     */
    record StoredUpload(FileSlice content, String sha256) {}

    Upload(Wanted wanted, Path path) {
        this.wanted = wanted;
        this.path = path;
    }

    Wanted wanted() {
        return wanted;
    }

    synchronized long received() {
        return received;
    }

    synchronized String status() {
        return done.isPresent() ? "final" : cancelled ? "cancelled" : "active";
    }

    synchronized void cancel() {
        cancelled = done.isEmpty();
    }

    /** Takes a chunk; nothing is wrong with it if the answer is "". */
    synchronized String append(long offset, Payload chunk, boolean last) {
        if (done.isPresent() || cancelled) {
            return "Upload has already been terminated.";
        }
        if (offset != received) {
            return "The upload offset is %d, but %d bytes were received."
                    .formatted(offset, received);
        }
        if (!last && chunk.length() % GRANULE != 0) {
            return "The size of a chunk that is not the last must be a multiple of "
                    + GRANULE
                    + ".";
        }
        long size = received + chunk.length();
        if (wanted.bytes() >= 0 && (size > wanted.bytes() || (last && size < wanted.bytes()))) {
            return "The upload has %d bytes, but %d were announced."
                    .formatted(size, wanted.bytes());
        }
        try (InputStream in = new DigestInputStream(chunk.open(), digest);
                OutputStream out =
                        Files.newOutputStream(
                                path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            in.transferTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        received = size;
        if (last) {
            String hex = HexFormat.of().formatHex(digest.digest());
            done =
                    Optional.of(
                            new StoredUpload(
                                    new FileSlice(path, 0, size),
                                    Base64.getEncoder()
                                            .encodeToString(
                                                    hex.getBytes(StandardCharsets.US_ASCII))));
        }
        return "";
    }

    synchronized Optional<StoredUpload> done() {
        return done;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
