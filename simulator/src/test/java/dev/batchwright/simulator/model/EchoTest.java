package dev.batchwright.simulator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.batchwright.simulator.wire.RequestHash;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;

class EchoTest {
    @Test
    void it_says_what_it_was_told() {
        assertThat(Echo.of("hello")).isEqualTo("echo: hello");
    }

    @Test
    void long_texts_are_cut_and_told_apart_by_their_hash() {
        String text = "x".repeat(4001);
        assertThat(Echo.of(text))
                .isEqualTo(
                        "echo: " + "x".repeat(1000) + "... sha256:" + RequestHash.of(text).hex(16));
        assertThat(Echo.of(text)).isNotEqualTo(Echo.of(text + "x"));
    }

    @Test
    void no_character_is_split() {
        String echo = Echo.of("x".repeat(999) + "\uD83D\uDE00".repeat(2000));
        assertThat(new String(echo.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(echo);
    }

    @ParameterizedTest
    @CsvSource({"'', 0", "a, 1", "abcd, 1", "abcde, 2", "ääää, 2", "€€€€, 3", "😀, 1", "😀a, 2"})
    void four_bytes_are_a_token(String text, long tokens) {
        assertThat(Tokens.of(text)).isEqualTo(tokens);
    }

    @ParameterizedTest
    @CsvSource({"abcdefgh, 1, abcd", "abc, 1, abc", "ab€cd, 1, ab", "a😀b, 1, a", "€€€, 2, €€"})
    void a_completion_is_cut_at_a_whole_character(String text, long max, String kept) {
        Completion completion = Completion.of(text, max);
        assertThat(completion.text()).isEqualTo(kept);
        assertThat(completion.cut()).isEqualTo(!kept.equals(text));
        assertThat(completion.tokens()).isLessThanOrEqualTo(max);
    }

    @Test
    void vectors_have_length_one_and_follow_from_the_text() {
        float[] vector = Vectors.embedding("hello", 256);
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        assertThat(squares).isCloseTo(1, within(1e-6));
        assertThat(vector).isEqualTo(Vectors.embedding("hello", 256));
        assertThat(vector).isNotEqualTo(Vectors.embedding("hello!", 256));
    }
}
