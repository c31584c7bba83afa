package dev.batchwright.store;

import dev.batchwright.job.JobId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Segments as files: {@code <root>/<job id>/<name>}. */
final class FileSegments implements Segments {
    private final Path root;

    FileSegments(Path root) {
        this.root = root;
    }

    @Override
    public Writer create(JobId job, String name) {
        return create(job, name, FileWriter.LARGE);
    }

    @Override
    public Writer grow(JobId job, String name) {
        return create(job, name, FileWriter.SMALL);
    }

    private Writer create(JobId job, String name, int bufferSize) {
        Path directory = root.resolve(job.value());
        Path file = directory.resolve(name);
        try {
            OwnerOnly.createDirectories(directory);
            OwnerOnly.createFile(file);
            // Each name on the way, or a power cut takes the file away with its directory.
            OwnerOnly.syncDirectory(directory);
            OwnerOnly.syncDirectory(root);
            OwnerOnly.syncDirectory(root.resolve("..").normalize());
            return new FileWriter(file, 0, bufferSize);
        } catch (IOException e) {
            throw problem(file, e);
        }
    }

    @Override
    public Reader open(JobId job, String name) {
        Path file = root.resolve(job.value()).resolve(name);
        try {
            return new FileReader(FileChannel.open(file, StandardOpenOption.READ));
        } catch (NoSuchFileException e) {
            throw new StoreException(
                    "The file %s is missing: it belongs to the store. Restore it from a backup, or delete the job with `batchwright delete %s`."
                            .formatted(file, job),
                    e);
        } catch (IOException e) {
            throw problem(file, e);
        }
    }

    @Override
    public void discard(JobId job, String name) {
        Path file = root.resolve(job.value()).resolve(name);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw problem(file, e);
        }
    }

    @Override
    public void delete(JobId job) {
        Path directory = root.resolve(job.value());
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        } catch (NoSuchFileException | DirectoryNotEmptyException e) {
            // Deleted, or being deleted, by another process too: what is left goes with a sweep.
            return;
        } catch (IOException e) {
            throw problem(directory, e);
        }
    }

    @Override
    public Set<JobId> jobs() {
        try (Stream<Path> directories = Files.list(root)) {
            return directories
                    .map(directory -> directory.getFileName().toString())
                    .filter(name -> name.startsWith("job_"))
                    .map(JobId::new)
                    .collect(Collectors.toSet());
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw problem(root, e);
        }
    }

    @Override
    public void close() {
        // Nothing is held: writers and readers have their own files.
    }

    static StoreException problem(Path file, IOException cause) {
        return new StoreException(
                """
                The store can't read or write %s (%s). Check the free space and the permissions \
                there, then run the same command again: what was acknowledged is safe.\
                """
                        .formatted(file, cause.getMessage()),
                cause);
    }

    static final class FileWriter implements Writer {
        static final int LARGE = 1 << 20;
        static final int SMALL = 64 << 10;

        private final FileChannel channel;
        // Direct, and of a fixed size: a heap buffer would be copied to a hidden direct one as
        // large as the largest line.
        private final ByteBuffer buffer;
        private long written;

        /**
         * @param from the end of the file
         */
        FileWriter(Path file, long from, int bufferSize) throws IOException {
            this.buffer = ByteBuffer.allocateDirect(bufferSize);
            this.channel = FileChannel.open(file, StandardOpenOption.WRITE);
            channel.position(from);
            this.written = from;
        }

        @Override
        public long position() {
            return written + buffer.position();
        }

        @Override
        public void append(byte[] bytes, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                if (!buffer.hasRemaining()) {
                    drain();
                }
                int part = Math.min(length - done, buffer.remaining());
                buffer.put(bytes, offset + done, part);
                done += part;
            }
        }

        @Override
        public void sync() throws IOException {
            drain();
            channel.force(false);
        }

        private void drain() throws IOException {
            buffer.flip();
            while (buffer.hasRemaining()) {
                written += channel.write(buffer);
            }
            buffer.clear();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    record FileReader(FileChannel channel) implements Reader {
        private static final int AT_ONCE = 1 << 20;

        @Override
        public int read(long position, byte[] into, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                int part = Math.min(length - done, AT_ONCE);
                int count =
                        channel.read(ByteBuffer.wrap(into, offset + done, part), position + done);
                if (count < 0) {
                    break;
                }
                done += count;
            }
            return done;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
