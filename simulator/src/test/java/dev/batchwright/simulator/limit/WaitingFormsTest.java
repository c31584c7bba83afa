package dev.batchwright.simulator.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.wire.Header;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

class WaitingFormsTest {
    private static final SplittableRandom CHANCE = new SplittableRandom(1);

    private static List<Header> headers(RetryAfter form, SplittableRandom chance) {
        return form.headers(Duration.ofMillis(1730), SettableClock.START, chance);
    }

    @Test
    void every_form_of_retry_after() {
        assertThat(headers(RetryAfter.SECONDS, CHANCE))
                .containsExactly(new Header("retry-after", "2"));
        assertThat(headers(RetryAfter.MS, CHANCE))
                .containsExactly(new Header("retry-after-ms", "1730"));
        assertThat(headers(RetryAfter.DATE, CHANCE))
                .containsExactly(new Header("retry-after", "Fri, 20 Nov 2026 12:00:02 GMT"));
        assertThat(headers(RetryAfter.BOTH, CHANCE))
                .containsExactly(
                        new Header("retry-after", "2"), new Header("retry-after-ms", "1730"));
        assertThat(headers(RetryAfter.NONE, CHANCE)).isEmpty();
    }

    @Test
    void mixed_uses_them_all() {
        var chance = new SplittableRandom(1);
        assertThat(
                        IntStream.range(0, 100)
                                .mapToObj(i -> headers(RetryAfter.MIXED, chance))
                                .distinct())
                .hasSize(5);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "12, 12ms",
        "999, 999ms",
        "1000, 1s",
        "8640, 8.64s",
        "60000, 1m0s",
        "360000, 6m0s",
        "179560, 2m59.56s",
        "3723000, 1h2m3s"
    })
    void go_durations(long millis, String text) {
        assertThat(GoDuration.of(millis * 1_000_000)).isEqualTo(text);
    }

    @Test
    void words_are_read_and_others_refused_with_the_list() {
        assertThat(RetryAfter.parse("date")).isEqualTo(RetryAfter.DATE);
        assertThat(HeaderForm.parse("groq")).isEqualTo(HeaderForm.GROQ);
        assertThat(Burst.parse("second")).isEqualTo(Burst.SECOND);
        assertThatThrownBy(() -> HeaderForm.parse("azure"))
                .hasMessage(
                        "'azure' is not a form of the rate limit headers; one of: openai, groq,"
                                + " anthropic, none");
    }
}
