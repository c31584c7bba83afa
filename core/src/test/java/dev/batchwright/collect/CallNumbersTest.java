package dev.batchwright.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.store.CallKey;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;

class CallNumbersTest {
    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
    private static final Duration REUSE = Duration.ofHours(24);
    private static final CallKey CALL = CallKey.first(new byte[] {1});
    private static final CallKey OTHER = CallKey.first(new byte[] {2});

    private final CallNumbers numbers = new CallNumbers(REUSE, NOW);

    private int take(CallKey call, Instant now) {
        return numbers.take(call, now).number();
    }

    @Test
    void equal_calls_are_numbered_from_one() {
        assertThat(take(CALL, NOW)).isEqualTo(1);
        assertThat(take(OTHER, NOW)).isEqualTo(1);
        assertThat(take(CALL, NOW)).isEqualTo(2);
    }

    @Test
    void a_number_handed_back_is_the_next_to_go() {
        CallKey first = numbers.take(CALL, NOW);
        numbers.take(CALL, NOW);
        numbers.giveBack(first);
        assertThat(take(CALL, NOW)).isEqualTo(1);
        assertThat(take(CALL, NOW)).isEqualTo(3);
    }

    @Test
    void numbers_are_remembered_as_long_as_answers_may_be_reused() {
        take(CALL, NOW);
        assertThat(take(CALL, NOW.plus(REUSE))).isEqualTo(2);
        assertThat(take(CALL, NOW.plus(REUSE).plus(REUSE))).isEqualTo(3);
    }

    @Test
    void what_was_not_called_for_so_long_starts_anew() {
        CallKey old = numbers.take(CALL, NOW);
        take(OTHER, NOW.plus(REUSE));
        take(OTHER, NOW.plus(REUSE).plus(REUSE));
        numbers.giveBack(old);
        assertThat(take(CALL, NOW.plus(REUSE).plus(REUSE))).isEqualTo(1);
        assertThat(take(CALL, NOW.plus(REUSE).plus(REUSE))).isEqualTo(2);
    }
}
