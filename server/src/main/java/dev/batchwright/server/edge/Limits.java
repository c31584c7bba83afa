package dev.batchwright.server.edge;

import java.time.Duration;

/**
 * What the server takes from those who call it.
 *
 * @param bodyBytes most bytes of the body of a call
 * @param fileBytes most bytes of an uploaded file
 * @param openRequests most requests that are in at once, waiting ones among them
 * @param streams most requests at once on one HTTP/2 connection
 * @param patience how long a client may take to begin a request, or not go on with it
 * @param idle how long a connection may stay open without a request
 */
public record Limits(
        long bodyBytes,
        long fileBytes,
        int openRequests,
        long streams,
        Duration patience,
        Duration idle) {
    private static final long MEGABYTE = 1 << 20;

    /** What is used where nothing is said. */
    public static final Limits STANDARD =
            new Limits(
                    64 * MEGABYTE,
                    512 * MEGABYTE,
                    200_000,
                    1_000,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(75));

    /** The bytes of all bodies that are read into memory at once. */
    static long bodiesInMemory() {
        return Runtime.getRuntime().maxMemory() / 4;
    }

    public Limits {
        if (bodyBytes < 1 || bodyBytes > 1024 * MEGABYTE) {
            throw new IllegalArgumentException(
                    "A body has 1 byte to 1 GB, not %,d.".formatted(bodyBytes));
        }
        if (fileBytes < 1) {
            throw new IllegalArgumentException("A file has at least 1 byte.");
        }
        if (openRequests < 1) {
            throw new IllegalArgumentException("At least 1 request must be let in.");
        }
        if (streams < 1) {
            throw new IllegalArgumentException("A connection takes at least 1 request.");
        }
    }
}
