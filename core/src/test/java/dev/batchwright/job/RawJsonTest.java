package dev.batchwright.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Random;

class RawJsonTest {
    @Test
    void control_characters_become_spaces_wherever_they_stand() {
        var random = new Random(3);
        for (int round = 0; round < 5_000; round++) {
            int offset = random.nextInt(9);
            int length = random.nextInt(40);
            byte[] bytes = ("é ß ~".repeat(8) + " ".repeat(9)).getBytes(StandardCharsets.UTF_8);
            byte[] expected = bytes.clone();
            for (int i = 0; i < random.nextInt(3); i++) {
                int at = random.nextInt(bytes.length);
                bytes[at] = (byte) random.nextInt(32);
                expected[at] = ' ';
            }
            assertThat(RawJson.of(bytes, offset, length))
                    .isEqualTo(RawJson.of(expected, offset, length));
        }
    }

    @Test
    void the_end_of_a_string_is_found_wherever_it_is() {
        var random = new Random(4);
        for (int round = 0; round < 5_000; round++) {
            var text = new StringBuilder("x".repeat(random.nextInt(30)));
            for (int i = 0; i < random.nextInt(3); i++) {
                text.insert(random.nextInt(text.length() + 1), "\"\\#]!".charAt(random.nextInt(5)));
            }
            int skipped = random.nextInt(text.length() + 1);
            byte[] bytes = ("\"\\" + text + "\"").getBytes(StandardCharsets.UTF_8);
            int expected = skipped;
            while (expected < text.length() && "\"\\".indexOf(text.charAt(expected)) < 0) {
                expected++;
            }

            assertThat(RawJson.of(bytes, 2, text.length()).indexOfQuoteOrBackslash(skipped))
                    .isEqualTo(expected);
        }
    }
}
