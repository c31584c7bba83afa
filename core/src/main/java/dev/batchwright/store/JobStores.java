package dev.batchwright.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;

/** Opens stores. */
public final class JobStores {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private JobStores() {}

    /**
     * Opens a store, creating or migrating it where needed.
     *
     * @throws StoreException if it can't be used, or was written by a newer version
     */
    public static JobStore open(StoreLocation location, InstantSource clock) {
        return switch (location) {
            case StoreLocation.Sqlite sqlite -> sqlite(sqlite.file(), PATIENCE, clock);
            case StoreLocation.Postgres postgres -> postgres(postgres, clock);
        };
    }

    static JobStore sqlite(Path file, Duration patience, InstantSource clock) {
        Path absolute = file.toAbsolutePath().normalize();
        Path real;
        try {
            OwnerOnly.createDirectories(Objects.requireNonNull(absolute.getParent()));
            OwnerOnly.createFileIfAbsent(absolute);
            // Two names of one store must lead to one set of segments and locks.
            real = absolute.toRealPath();
        } catch (IOException e) {
            throw new StoreException(
                    "The store %s can't be created (%s). Check the directory and its permissions, or name another place with --store."
                            .formatted(absolute, e),
                    e);
        }
        var database = new SqliteDatabase(real, patience);
        Path segments = real.resolveSibling(real.getFileName() + "-segments");
        return new DatabaseJobStore(
                database,
                new FileSegments(segments),
                new FilePresence(segments.resolve("workers")),
                clock);
    }

    private static JobStore postgres(StoreLocation.Postgres location, InstantSource clock) {
        var database = new PostgresDatabase(location);
        return new DatabaseJobStore(
                database, new TableSegments(database), new AdvisoryPresence(database), clock);
    }
}
