package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.FileSlice;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/** The files of the account, by id. Their bytes lie on disk. Thread-safe. */
public final class Shelf {
    private final InstantSource clock;
    private final ConcurrentMap<String, StoredFile> files = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong();

    Shelf(InstantSource clock) {
        this.clock = clock;
    }

    /** What is known about a file before it is here. */
    public record Entry(String id, String name, String purpose, FileSlice content) {}

    /**
     * Puts a file here.
     *
     * @param life how long it stays; for ever if empty
     * @param visibleFrom before that, it can't be found
     */
    public StoredFile put(
            Entry entry, Instant createdAt, Optional<Duration> life, Instant visibleFrom) {
        var file =
                new StoredFile(
                        entry.id(),
                        entry.name(),
                        entry.purpose(),
                        entry.content(),
                        createdAt,
                        life.map(createdAt::plus),
                        visibleFrom,
                        next.incrementAndGet());
        files.put(entry.id(), file);
        return file;
    }

    public Optional<StoredFile> find(String id) {
        return Optional.ofNullable(files.get(id)).filter(file -> file.visible(clock.instant()));
    }

    /** Whether a file is here, but can't be found yet. */
    public boolean lagging(String id) {
        StoredFile file = files.get(id);
        return file != null && clock.instant().isBefore(file.visibleFrom());
    }

    public List<StoredFile> newestFirst() {
        Instant now = clock.instant();
        return files.values().stream()
                .filter(file -> file.visible(now))
                .sorted(Comparator.comparingLong(StoredFile::number).reversed())
                .toList();
    }

    /** Takes a file away; false if there is none. Its bytes stay until the simulator ends. */
    public boolean delete(String id) {
        return find(id).isPresent() && files.remove(id) != null;
    }
}
