package dev.batchwright.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Locks on the files {@code <directory>/<id>.lock}. The system keeps them per process, and closing
 * any channel of a locked file in that process gives its lock up: the ids that this process holds
 * are therefore kept in one set for the whole of it, and their files are never opened again.
 */
final class FilePresence implements Presence {
    private static final Set<Path> HELD_BY_THIS_PROCESS = ConcurrentHashMap.newKeySet();

    private final Path directory;

    FilePresence(Path directory) {
        this.directory = directory;
    }

    @Override
    public Held hold(String id) {
        Path file = file(id);
        try {
            OwnerOnly.createDirectories(directory);
            OwnerOnly.createFile(file);
            HELD_BY_THIS_PROCESS.add(file);
            return new LockedFile(file, lock(file));
        } catch (IOException e) {
            HELD_BY_THIS_PROCESS.remove(file);
            throw FileSegments.problem(file, e);
        }
    }

    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw new IOException("its lock is taken");
        }
        return channel;
    }

    @Override
    public boolean isAlive(String id) {
        Path file = file(id);
        if (HELD_BY_THIS_PROCESS.contains(file)) {
            return true;
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (NoSuchFileException e) {
            return false;
        } catch (OverlappingFileLockException e) {
            // Another thread of this process is asking the same question just now.
            return true;
        } catch (IOException e) {
            throw FileSegments.problem(file, e);
        }
    }

    @Override
    public void forget(String id) {
        try {
            Files.deleteIfExists(file(id));
        } catch (IOException e) {
            throw FileSegments.problem(file(id), e);
        }
    }

    private Path file(String id) {
        return directory.resolve(id + ".lock");
    }

    @Override
    public void close() {
        // Each lock belongs to its holder.
    }

    private record LockedFile(Path file, FileChannel channel) implements Held {
        @Override
        public void check() {
            // A file lock is ours until we close it.
        }

        @Override
        public void close() {
            try (channel) {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw FileSegments.problem(file, e);
            } finally {
                HELD_BY_THIS_PROCESS.remove(file);
            }
        }
    }
}
