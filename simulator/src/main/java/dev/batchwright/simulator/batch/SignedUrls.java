package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.RequestHash;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Addresses on the second port that give a file to everybody who knows them, as the signed URLs of
 * object stores do. Thread-safe.
 */
public final class SignedUrls {
    private static final String PATH = "/signed/";

    private final ConcurrentMap<String, FileSlice> files = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong();
    private volatile String origin = ""; // known when the port is

    /** Tells where the second port is. */
    public void listensAt(String where) {
        origin = where;
    }

    /** A new address of a file. */
    public String sign(FileSlice file) {
        String path = PATH + RequestHash.of("signed " + next.incrementAndGet()).hex(32);
        files.put(path, file);
        return origin + path;
    }

    /** The file at a path of the second port. */
    public Optional<FileSlice> find(String path) {
        return Optional.ofNullable(files.get(path));
    }
}
