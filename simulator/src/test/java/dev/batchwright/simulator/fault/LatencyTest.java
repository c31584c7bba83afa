package dev.batchwright.simulator.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

class LatencyTest {
    private static long[] draws(String text) {
        Latency latency = Latency.parse(text);
        var random = new SplittableRandom(7);
        return LongStream.range(0, 10_000)
                .map(i -> latency.draw(random).toMillis())
                .sorted()
                .toArray();
    }

    @Test
    void fixed() {
        assertThat(Latency.parse("50ms")).isEqualTo(new Latency.Fixed(Duration.ofMillis(50)));
        assertThat(Latency.parse("1.5s")).isEqualTo(new Latency.Fixed(Duration.ofMillis(1500)));
    }

    @Test
    void uniform_stays_within_its_bounds() {
        long[] draws = draws("uniform:10ms..200ms");
        assertThat(draws[0]).isBetween(10L, 12L);
        assertThat(draws[5_000]).isCloseTo(105L, within(5L));
        assertThat(draws[9_999]).isBetween(198L, 200L);
    }

    @Test
    void normal_is_never_negative() {
        long[] draws = draws("normal:mean=50ms,sd=30ms");
        assertThat(draws[0]).isZero();
        assertThat(draws[5_000]).isCloseTo(50L, within(3L));
    }

    @Test
    void lognormal_has_its_median_and_a_long_tail() {
        long[] draws = draws("lognormal:median=50ms,sigma=0.5");
        assertThat(draws[5_000]).isCloseTo(50L, within(3L));
        assertThat(draws[9_900]).isGreaterThan(120);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "50",
                "fast",
                "uniform:10ms",
                "uniform:20ms..10ms",
                "normal:50ms",
                "normal:mean=50ms",
                "lognormal:median=50ms,sigma=x",
                "lognormal:median=50ms,sigma=11",
                "gamma:1ms"
            })
    void nonsense_is_refused(String text) {
        assertThatThrownBy(() -> Latency.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
