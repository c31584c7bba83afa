package dev.batchwright.output;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where results go: standard output, or a file. A regular file, new or old, is replaced as a whole
 * when everything is written; anything else that can be written to (a pipe, a device) is written to
 * as it is. A symbolic link is followed: what it points to is replaced.
 */
public final class OutputTarget {
    /** Standard output. */
    public static final OutputTarget STANDARD = new OutputTarget(Optional.empty());

    private static final int MOST_LINKS = 40;

    private final Optional<Path> file;

    private OutputTarget(Optional<Path> file) {
        this.file = file;
    }

    /** What a user named; {@code -} is standard output. */
    public static OutputTarget of(String named) {
        // Standard output may be something that can't be opened a second time.
        return named.equals("-") || named.equals("/dev/stdout")
                ? STANDARD
                : new OutputTarget(Optional.of(Path.of(named)));
    }

    public static OutputTarget of(Path file) {
        return new OutputTarget(Optional.of(file));
    }

    /** For people. */
    public String name() {
        return file.map(Path::toString).orElse("standard output");
    }

    public OutputFormat format() {
        return file.map(path -> OutputFormat.byName(path.toString()))
                .orElse(OutputFormat.JSON_LINES);
    }

    boolean compressed() {
        return file.filter(path -> path.toString().endsWith(".gz")).isPresent();
    }

    /** Whether both end at the same place. */
    public boolean sameAs(OutputTarget other) {
        if (file.isEmpty() || other.file.isEmpty()) {
            return file.isEmpty() && other.file.isEmpty();
        }
        return resolved(file.get()).normalize().equals(resolved(other.file.get()).normalize());
    }

    /** Finds out, before any call is paid for, whether results can be written. */
    public void check() {
        if (file.isEmpty()) {
            return;
        }
        Path target = resolved(file.get());
        if (Files.isDirectory(target)) {
            throw new OutputException("%s is a directory. Name a file in it.".formatted(name()));
        }
        Path directory = target.resolveSibling("");
        if (!Files.isDirectory(directory)) {
            throw new OutputException(
                    "%s can't be written: there is no directory %s. Create it, or name another file."
                            .formatted(name(), directory));
        }
        if (Files.exists(target) && !Files.isWritable(target)) {
            throw new OutputException(
                    "%s can't be written: permission denied. Change its permissions, or name another file."
                            .formatted(name()));
        }
        if (replaced(target)) {
            try {
                ReplacedFile.open(target).close();
            } catch (IOException e) {
                throw failed(e);
            }
        }
    }

    /** A stream to the target that counts only once it is committed. */
    Sink open(OutputStream standardOutput) {
        if (file.isEmpty()) {
            return new DirectSink(standardOutput, false);
        }
        Path target = resolved(file.get());
        try {
            return replaced(target)
                    ? ReplacedFile.open(target)
                    : new DirectSink(Files.newOutputStream(target), true);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** What came in the way, and that nothing is lost. */
    OutputException failed(IOException e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (e instanceof FileSystemException fs) {
            reason = fs.getReason() == null ? e.getClass().getSimpleName() : fs.getReason();
        }
        return new OutputException(
                "%s can't be written: %s. Results that the job has are safe: once this is put right, `batchwright results JOB -o FILE` writes them."
                        .formatted(name(), reason),
                e);
    }

    private static boolean replaced(Path target) {
        return !Files.exists(target) || Files.isRegularFile(target);
    }

    private static Path resolved(Path path) {
        Path target = path.toAbsolutePath();
        // What is behind a link to a pipe or a device may have no path of its own.
        if (!replaced(target)) {
            return target;
        }
        try {
            for (int i = 0; i < MOST_LINKS && Files.isSymbolicLink(target); i++) {
                target = target.resolveSibling(Files.readSymbolicLink(target));
            }
        } catch (IOException e) {
            throw new OutputException(
                    "%s is a symbolic link that can't be followed. Name the file itself."
                            .formatted(path),
                    e);
        }
        return target;
    }

    /** What is written to a target, as a whole. */
    @FunctionalInterface
    public interface Content {
        /** Returns how much it was, in whatever counts. */
        long writeTo(OutputStream stream) throws IOException;
    }

    /** Writes the content; a file is replaced when all of it is there. */
    public long replaceWith(OutputStream standardOutput, Content content) {
        try (Sink sink = open(standardOutput)) {
            long count = content.writeTo(sink.stream());
            sink.commit();
            return count;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Something to write to that is kept by a commit and, as far as possible, undone without. */
    interface Sink extends AutoCloseable {
        OutputStream stream();

        void commit() throws IOException;

        @Override
        void close() throws IOException;
    }

    private record DirectSink(OutputStream stream, boolean owned) implements Sink {
        @Override
        public void commit() throws IOException {
            stream.flush();
        }

        @Override
        public void close() throws IOException {
            if (owned) {
                stream.close();
            }
        }
    }
}
