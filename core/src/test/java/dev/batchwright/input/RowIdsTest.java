package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;

class RowIdsTest {
    @TempDir Path directory;

    private static String next(RowIds ids, String content, long place) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return ids.next(bytes, 0, bytes.length, place);
    }

    @Test
    void the_id_is_the_digest_of_the_content() {
        // printf a | sha256sum
        assertThat(next(new RowIds(), "a", 1)).isEqualTo("row-ca978112ca1bbdca");
    }

    @Test
    void equal_rows_are_numbered_wherever_they_stand() {
        RequestOptions options = RequestOptions.NONE.withModel("m");
        var first = Loading.of(directory, "a.csv", "prompt\nx\ny\nx\nx\n", options).ids();
        var second = Loading.of(directory, "b.csv", "prompt\nx\n\"x\"\nnew\nx\ny\n", options).ids();

        assertThat(first).doesNotHaveDuplicates();
        assertThat(first.get(2)).isEqualTo(first.get(0) + "-2");
        assertThat(first.get(3)).isEqualTo(first.get(0) + "-3");
        assertThat(second).containsAll(first);
    }

    @Test
    void ids_stay_unique_and_the_same_when_memory_is_full() {
        var ids = new RowIds(100);
        var again = new RowIds(100);
        var random = new Random(7);
        var seen = new HashSet<String>();
        for (int place = 1; place <= 5000; place++) {
            String row = "row " + random.nextInt(1000);
            String id = next(ids, row, place);
            assertThat(seen.add(id)).as(id).isTrue();
            assertThat(next(again, row, place)).isEqualTo(id);
        }
    }
}
