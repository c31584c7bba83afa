package dev.batchwright.simulator.batch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The directory of everything that a simulator keeps on disk. It is made when it is first needed,
 * and goes away with the simulator, or with the process. Thread-safe.
 */
public final class Scratch implements AutoCloseable {
    private static final String PREFIX = "batchwright-simulator-";

    private final AtomicLong next = new AtomicLong();
    private final Thread atExit = new Thread(this::delete, "simulator-scratch");
    private Path directory = Path.of(""); // written once, under the lock of this
    private boolean made;

    /** The path of a new file, which does not exist yet. */
    public Path file() {
        return directory().resolve("" + next.incrementAndGet());
    }

    private synchronized Path directory() {
        if (!made) {
            try {
                directory = Files.createTempDirectory(PREFIX);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            made = true;
            Runtime.getRuntime().addShutdownHook(atExit);
        }
        return directory;
    }

    @Override
    public synchronized void close() {
        if (!made) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            return; // the process is ending: the hook itself does it
        }
        delete();
    }

    private void delete() {
        try (Stream<Path> all = Files.walk(directory)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
