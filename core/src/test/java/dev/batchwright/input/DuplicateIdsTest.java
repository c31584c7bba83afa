package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

class DuplicateIdsTest {
    @TempDir Path directory;

    /** All in memory, and nearly all on disk. */
    @ParameterizedTest
    @ValueSource(ints = {1 << 20, 1000})
    void every_later_occurrence_is_told_with_an_earlier_one(int inMemory) throws IOException {
        var random = new Random(11);
        Map<Long, String> idOf = new HashMap<>();
        Map<String, Long> firstLine = new HashMap<>();
        Map<Long, Long> told = new HashMap<>();
        int repeated = 0;
        try (var ids = new DuplicateIds(directory, inMemory)) {
            for (long line = 1; line <= 400_000; line++) {
                boolean repeat = random.nextInt(1000) == 0;
                String id = idOf.getOrDefault(repeat ? random.nextLong(line) : 0, "id-" + line);
                repeated += firstLine.putIfAbsent(id, line) == null ? 0 : 1;
                idOf.put(line, id);
                ids.add(id, line);
            }
            ids.find((line, earlier) -> assertThat(told.put(line, earlier)).isNull());
        }

        assertThat(told).hasSize(repeated);
        told.forEach(
                (line, earlier) -> {
                    assertThat(earlier).isLessThan(line);
                    assertThat(idOf.get(earlier)).isEqualTo(idOf.get(line));
                });
        assertThat(directory).isEmptyDirectory();
    }
}
