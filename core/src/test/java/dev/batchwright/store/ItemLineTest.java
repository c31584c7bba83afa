package dev.batchwright.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Item;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

class ItemLineTest {
    private static final List<String> IDS =
            List.of("a", "item-7", "", "\"quoted\"", "back\\slash", "ß漢😀", "\",\"provider\":\"x");
    private static final List<String> NAMES =
            List.of("m", "gpt-\"5\"", "a/b", "ü", "", "\\", ",\"body\":{}");
    private static final List<String> DOCUMENTS =
            List.of(
                    "{}",
                    "{\"a\":1}",
                    "{\"body\":{\"row\":[\"}\",\"\\\"{\",{}]},\"x\":\",\\\"body\\\":\"}",
                    "{\"text\":\"\\\\\"}");

    @Test
    void items_are_read_as_they_were_written_whatever_stood_before_them() {
        var random = new Random(5);
        var reader = new ItemLine.Reader();
        // Few different ones, so that many are like the one before.
        for (int seq = 1; seq <= 20_000; seq++) {
            var item =
                    new Item(
                            seq,
                            any(IDS, random),
                            new Request(
                                    random.nextInt(5) == 0 ? any(NAMES, random) : "openai",
                                    random.nextInt(5) == 0 ? any(NAMES, random) : "/v1/x",
                                    random.nextInt(5) == 0 ? any(NAMES, random) : "m",
                                    RawJson.of(any(DOCUMENTS, random))),
                            random.nextBoolean()
                                    ? Optional.of(RawJson.of(any(DOCUMENTS, random)))
                                    : Optional.empty());

            assertThat(reader.read(seq, written(item))).isEqualTo(item);
        }
    }

    @Test
    void lines_without_a_body_are_damage_also_behind_a_good_one() {
        var reader = new ItemLine.Reader();
        Item good = Samples.item(1);

        assertThat(reader.read(1, written(good))).isEqualTo(good);
        assertThatThrownBy(
                        () ->
                                reader.read(
                                        2,
                                        "{\"custom_id\":\"b\",\"provider\":\"echo\",\"url\":\"/v1/chat/completions\",\"model\":\"m\"}"
                                                .getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("Item 2");
    }

    private static String any(List<String> some, Random random) {
        return some.get(random.nextInt(some.size()));
    }

    private static byte[] written(Item item) {
        var line = new JsonLine(16);
        ItemLine.write(item, line);
        return Arrays.copyOf(line.bytes(), line.length() - JsonLine.TRAILER);
    }
}
