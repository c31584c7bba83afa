package dev.batchwright.store;

import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;

class SqliteJobStoreTest extends JobStoreContract {
    @TempDir Path directory;

    @Override
    JobStore connect() {
        return JobStores.sqlite(
                directory.resolve("home/batchwright.db"), Duration.ofMillis(500), clock);
    }
}
