package dev.batchwright.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Hosted files as files: {@code <root>/<id>}. */
final class FileContents implements Contents {
    private final Path root;

    FileContents(Path root) {
        this.root = root;
    }

    @Override
    public Segments.Writer append(String file, String keeper, long from) throws IOException {
        Path path = root.resolve(file);
        OwnerOnly.createDirectories(root);
        OwnerOnly.createFileIfAbsent(path);
        if (from == 0) {
            // Its name, or a power cut takes the file away with its directory.
            OwnerOnly.syncDirectory(root);
            OwnerOnly.syncDirectory(root.resolve("..").normalize());
        }
        try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            if (channel.size() < from) {
                throw new StoreException(
                        "The file %s is shorter than the store knows it to be: restore it from a backup, or delete its batch."
                                .formatted(path));
            }
            channel.truncate(from);
        }
        return new FileSegments.FileWriter(path, from, FileSegments.FileWriter.LARGE);
    }

    @Override
    public Segments.Reader open(String file) {
        Path path = root.resolve(file);
        try {
            return new FileSegments.FileReader(FileChannel.open(path, StandardOpenOption.READ));
        } catch (NoSuchFileException e) {
            throw new StoreException(
                    "The file %s is missing: it was deleted just now, or it belongs to the store and must be restored from a backup."
                            .formatted(path),
                    e);
        } catch (IOException e) {
            throw FileSegments.problem(path, e);
        }
    }

    @Override
    public void delete(String file) {
        Path path = root.resolve(file);
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw FileSegments.problem(path, e);
        }
    }

    @Override
    public Set<String> files() {
        try (Stream<Path> files = Files.list(root)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw FileSegments.problem(root, e);
        }
    }

    @Override
    public void close() {
        // Nothing is held: writers and readers have their own files.
    }
}
