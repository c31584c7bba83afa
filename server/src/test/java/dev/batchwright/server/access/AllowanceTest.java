package dev.batchwright.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.server.access.Allowance.Verdict;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.OptionalLong;

class AllowanceTest {
    private static final long START = -5; // Times of System.nanoTime may be negative.

    private static Caller.Limits limits(long rpm, long tpm) {
        return new Caller.Limits(OptionalLong.of(rpm), OptionalLong.of(tpm));
    }

    private static long after(Duration span) {
        return START + span.toNanos();
    }

    @Test
    void a_minutes_worth_may_be_used_at_once_and_then_one_must_wait_for_the_next() {
        var allowance = new Allowance(limits(60, 1_000), START);
        for (int i = 0; i < 60; i++) {
            assertThat(allowance.take(1, 0, START)).isInstanceOf(Verdict.Taken.class);
        }
        assertThat(allowance.take(1, 0, START))
                .isEqualTo(new Verdict.Wait("requests", 60, Duration.ofSeconds(1)));
        assertThat(allowance.take(1, 0, after(Duration.ofSeconds(1))))
                .isInstanceOf(Verdict.Taken.class);
    }

    @Test
    void what_was_not_let_in_takes_nothing() {
        var allowance = new Allowance(limits(10, 100), START);
        assertThat(allowance.take(1, 90, START)).isInstanceOf(Verdict.Taken.class);
        assertThat(allowance.take(1, 50, START))
                .isEqualTo(new Verdict.Wait("tokens", 100, Duration.ofSeconds(24)));
        assertThat(allowance.requests().orElseThrow().left()).isEqualTo(9);
        assertThat(allowance.tokens().orElseThrow().left()).isEqualTo(10);
    }

    @Test
    void a_request_larger_than_a_minutes_worth_is_let_in_when_all_is_there_and_the_rest_is_owed() {
        var allowance = new Allowance(limits(10, 100), START);
        assertThat(allowance.take(1, 250, START)).isInstanceOf(Verdict.Taken.class);
        assertThat(allowance.take(1, 1, after(Duration.ofSeconds(60))))
                .isEqualTo(new Verdict.Wait("tokens", 100, Duration.ofMillis(30_600)));
    }

    @Test
    void other_limits_count_at_once_and_what_was_used_stays_used() {
        var allowance = new Allowance(limits(10, 100), START);
        for (int i = 0; i < 5; i++) {
            allowance.take(1, 0, START);
        }
        allowance.change(limits(100, 100), START);
        assertThat(allowance.requests().orElseThrow())
                .extracting(Allowance.Standing::limit, Allowance.Standing::left)
                .containsExactly(100L, 50L);
        allowance.change(Caller.Limits.NONE, START);
        assertThat(allowance.requests()).isEmpty();
        assertThat(allowance.take(1_000, 1_000_000, START)).isInstanceOf(Verdict.Taken.class);
    }
}
