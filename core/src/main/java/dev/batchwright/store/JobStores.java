package dev.batchwright.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
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

    /**
     * A directory for temporary files as large as jobs: beside a SQLite store, which is made for
     * its owner alone where it is missing; else the system's.
     *
     * @throws StoreException if it can't be made
     */
    public static Path scratch(StoreLocation location) {
        return switch (location) {
            case StoreLocation.Sqlite(Path file) -> {
                Path absolute = file.toAbsolutePath().normalize();
                Path directory = Objects.requireNonNull(absolute.getParent());
                try {
                    OwnerOnly.createDirectories(directory);
                } catch (IOException e) {
                    throw cannotCreate(absolute, e);
                }
                yield directory;
            }
            case StoreLocation.Postgres postgres -> Path.of(System.getProperty("java.io.tmpdir"));
        };
    }

    private static StoreException cannotCreate(Path file, IOException e) {
        return new StoreException(
                "The store %s can't be created (%s). Check the directory and its permissions, or name another place with --store."
                        .formatted(file, reason(e)),
                e);
    }

    private static String reason(IOException e) {
        return switch (e) {
            case FileAlreadyExistsException exists -> exists.getFile() + " is not a directory";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            default -> String.valueOf(e.getMessage());
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
            throw cannotCreate(absolute, e);
        }
        var database = new SqliteDatabase(real, patience);
        Path segments = real.resolveSibling(real.getFileName() + "-segments");
        return new DatabaseJobStore(
                database,
                new FileSegments(segments),
                new FileContents(segments.resolve("files")),
                new FilePresence(segments.resolve("workers")),
                clock);
    }

    private static JobStore postgres(StoreLocation.Postgres location, InstantSource clock) {
        var database = new PostgresDatabase(location, InstantSource.system());
        return new DatabaseJobStore(
                database,
                new TableSegments(database),
                new TableContents(database),
                new AdvisoryPresence(database),
                clock);
    }
}
