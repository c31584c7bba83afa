package dev.batchwright.simulator;

import dev.batchwright.simulator.batch.Scratch;
import dev.batchwright.simulator.wire.Payload;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A body that is being read: kept in memory while it is small, then written to disk. It is written
 * on the event loop: the system takes the bytes into its cache, which is quicker than a hand-over
 * to another thread. Not thread-safe.
 */
final class Spool {
    private static final int LARGEST_IN_MEMORY = 1024 * 1024;

    private final Scratch scratch;
    private final ByteArrayOutputStream small = new ByteArrayOutputStream();
    private Path path = Path.of("");
    private OutputStream large = OutputStream.nullOutputStream();
    private boolean onDisk;
    private long length;

    Spool(Scratch scratch) {
        this.scratch = scratch;
    }

    void add(byte[] part) {
        length += part.length;
        try {
            if (!onDisk && length <= LARGEST_IN_MEMORY) {
                small.writeBytes(part);
                return;
            }
            if (!onDisk) {
                path = scratch.file();
                large = Files.newOutputStream(path);
                small.writeTo(large);
                small.reset();
                onDisk = true;
            }
            large.write(part);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Payload complete() {
        try {
            large.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return onDisk
                ? new Payload.OnDisk(path, length)
                : new Payload.InMemory(small.toByteArray());
    }

    /** The client has left before the end. */
    void discard() {
        try {
            large.close();
            if (onDisk) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
