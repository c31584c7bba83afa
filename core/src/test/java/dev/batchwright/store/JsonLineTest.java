package dev.batchwright.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;

class JsonLineTest {
    @ParameterizedTest
    @ValueSource(
            longs = {0, 1, 9, 10, 99, 100, 1_000_000_007, Long.MAX_VALUE, -1, -10, Long.MIN_VALUE})
    void a_number_stands_as_it_is_written(long number) {
        var line = new JsonLine(1);
        line.raw("[").number(number).raw("]");
        assertThat(new String(line.bytes(), 0, line.length(), StandardCharsets.US_ASCII))
                .isEqualTo("[" + number + "]");
    }
}
