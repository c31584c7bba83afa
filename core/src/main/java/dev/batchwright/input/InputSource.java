package dev.batchwright.input;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Where the requests come from: a file, or standard input kept in one. It is read twice, to know
 * whether this job was seen before and to load it, and must stay the same in between. Close it:
 * what was kept of standard input goes away.
 */
public final class InputSource implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final Path path;
    private final String name;
    private final boolean temporary;
    private final Stamp stamp;

    private record Stamp(long size, FileTime modified) {
        static Stamp of(Path path) throws IOException {
            return new Stamp(Files.size(path), Files.getLastModifiedTime(path));
        }
    }

    private InputSource(Path path, String name, boolean temporary) {
        this.path = path;
        this.name = name;
        this.temporary = temporary;
        try {
            this.stamp = Stamp.of(path);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /** A file as the user named it. Something that can be read only once (a pipe) is refused. */
    public static InputSource of(Path path) {
        String name = path.toString();
        if (Files.isDirectory(path)) {
            throw new InputException(
                    "%s is a directory. Name a file in it, or `-` for standard input."
                            .formatted(name));
        }
        if (!Files.exists(path)) {
            throw new InputException(
                    "%s does not exist. Check the name%s."
                            .formatted(
                                    name,
                                    path.isAbsolute()
                                            ? ""
                                            : "; relative names start at "
                                                    + Path.of("").toAbsolutePath()));
        }
        if (!Files.isRegularFile(path)) {
            throw new InputException(
                    "%s is not a regular file and can be read only once. Give it as standard input: `batchwright run - < %s`."
                            .formatted(name, name));
        }
        if (!Files.isReadable(path)) {
            throw new InputException(
                    "%s can't be read: permission denied. Check its permissions.".formatted(name));
        }
        return new InputSource(path, name, false);
    }

    /** Keeps a stream in a temporary file of this directory until it is closed. */
    public static InputSource spool(InputStream stream, String name, Path directory) {
        return written(name, directory, stream::transferTo);
    }

    /** Keeps what is written in a temporary file of this directory until it is closed. */
    public static InputSource written(String name, Path directory, Content content) {
        try {
            Path file = Files.createTempFile(directory, "input-", ".spool");
            try (var out = Files.newOutputStream(file)) {
                content.writeTo(out);
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(file);
                throw e;
            }
            return new InputSource(file, name, true);
        } catch (IOException e) {
            throw new InputException(
                    "%s could not be kept in %s: %s. Is the disk full?"
                            .formatted(name, directory, reason(e)),
                    e);
        }
    }

    /** What an input consists of, written once. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** For people: the path, or {@code standard input}. */
    public String name() {
        return name;
    }

    /** As it is typed on a command line. */
    String argument() {
        return temporary ? "-" : name;
    }

    Optional<InputFormat> formatByName() {
        return temporary ? Optional.empty() : InputFormat.byName(name);
    }

    /** The bytes of the file as they are. */
    InputStream openRaw() throws IOException {
        return Files.newInputStream(path);
    }

    /** The content; what is compressed with gzip, whatever its name, is unpacked. */
    InputStream open() throws IOException {
        InputStream raw = openRaw();
        byte[] magic = raw.readNBytes(2);
        raw.close();
        boolean gzip = magic.length == 2 && magic[0] == 0x1F && magic[1] == (byte) 0x8B;
        if (!gzip) {
            return openRaw();
        }
        return new GZIPInputStream(new BufferedInputStream(openRaw(), BUFFER), BUFFER);
    }

    /** Refuses a file that was written to since this source was made. */
    void mustBeUnchanged() {
        try {
            if (!stamp.equals(Stamp.of(path))) {
                throw new InputException(
                        "%s was changed while it was read. Wait until it is complete, and try again."
                                .formatted(name));
            }
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    static InputException unreadable(String name, IOException e) {
        return new InputException("%s can't be read: %s.".formatted(name, reason(e)), e);
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "it does not exist any more";
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    @Override
    public void close() {
        if (temporary) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
