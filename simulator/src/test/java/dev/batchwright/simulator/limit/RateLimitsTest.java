package dev.batchwright.simulator.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Work;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class RateLimitsTest {
    final SettableClock clock = new SettableClock();

    record Job(String model, long promptTokens, long maxOutputTokens) implements Work {
        @Override
        public Answer run() {
            throw new AssertionError("limits run nothing");
        }
    }

    RateLimits limits(long rpm, long rpd, long tpm, int concurrency, Burst burst, HeaderForm form) {
        return new RateLimits(new Limits(rpm, rpd, tpm, concurrency, burst, 429), form, clock);
    }

    Verdict admit(RateLimits limits, Work work) {
        return limits.admit("key", work, clock.instant());
    }

    int admitted(RateLimits limits, int calls) {
        int admitted = 0;
        for (int i = 0; i < calls; i++) {
            if (admit(limits, new Job("m", 1, 0)) instanceof Verdict.Admitted(var permit, var h)) {
                permit.close(1);
                admitted++;
            }
        }
        return admitted;
    }

    static String header(List<Header> headers, String name) {
        return headers.stream()
                .filter(header -> header.name().equals(name))
                .map(Header::value)
                .findFirst()
                .orElse("missing");
    }

    @Nested
    class Sixty_requests_per_minute {
        @Test
        void a_minutes_worth_may_come_at_once_and_then_one_each_second() {
            RateLimits limits = limits(60, 0, 0, 0, Burst.MINUTE, HeaderForm.OPENAI);
            assertThat(admitted(limits, 100)).isEqualTo(60);
            clock.advance(Duration.ofSeconds(1));
            assertThat(admitted(limits, 100)).isEqualTo(1);
            clock.advance(Duration.ofSeconds(30));
            assertThat(admitted(limits, 100)).isEqualTo(30);
        }

        @Test
        void with_a_burst_of_a_second_one_may_come_at_once() {
            RateLimits limits = limits(60, 0, 0, 0, Burst.SECOND, HeaderForm.OPENAI);
            assertThat(admitted(limits, 100)).isEqualTo(1);
            clock.advance(Duration.ofSeconds(30));
            assertThat(admitted(limits, 100)).isEqualTo(1);
        }

        @Test
        void the_refusal_says_when_the_next_one_is_free() {
            RateLimits limits = limits(60, 0, 0, 0, Burst.MINUTE, HeaderForm.OPENAI);
            admitted(limits, 60);
            clock.advance(Duration.ofMillis(400));
            var refused = (Verdict.Refused) admit(limits, new Job("m", 1, 0));
            assertThat(refused.refusal().reason()).isEqualTo(Reason.REQUESTS);
            assertThat(refused.refusal().status()).isEqualTo(429);
            assertThat(refused.retryAfter().map(Duration::toMillis)).isEqualTo(Optional.of(600L));
            assertThat(refused.refusal().message()).contains("try again in 600ms");
        }

        @Test
        void each_key_and_each_model_has_its_own() {
            RateLimits limits = limits(60, 0, 0, 0, Burst.MINUTE, HeaderForm.OPENAI);
            admitted(limits, 60);
            assertThat(admit(limits, new Job("other", 1, 0))).isInstanceOf(Verdict.Admitted.class);
            assertThat(limits.admit("other", new Job("m", 1, 0), clock.instant()))
                    .isInstanceOf(Verdict.Admitted.class);
        }

        @Test
        void the_headers_tell_the_limit_what_is_left_and_the_time_to_a_full_bucket() {
            RateLimits limits = limits(60, 0, 600, 0, Burst.MINUTE, HeaderForm.OPENAI);
            admitted(limits, 9);
            var admitted = (Verdict.Admitted) admit(limits, new Job("m", 100, 50));
            List<Header> headers = admitted.headers();
            assertThat(header(headers, "x-ratelimit-limit-requests")).isEqualTo("60");
            assertThat(header(headers, "x-ratelimit-remaining-requests")).isEqualTo("50");
            assertThat(header(headers, "x-ratelimit-reset-requests")).isEqualTo("10s");
            assertThat(header(headers, "x-ratelimit-limit-tokens")).isEqualTo("600");
            assertThat(header(headers, "x-ratelimit-remaining-tokens")).isEqualTo("441");
            assertThat(header(headers, "x-ratelimit-reset-tokens")).isEqualTo("15.9s");
        }

        @Test
        void headers_can_be_left_out() {
            RateLimits limits = limits(60, 0, 600, 0, Burst.MINUTE, HeaderForm.NONE);
            var admitted = (Verdict.Admitted) admit(limits, new Job("m", 1, 0));
            assertThat(admitted.headers()).isEmpty();
        }
    }

    @Test
    void groqs_headers_count_requests_by_the_day() {
        RateLimits limits = limits(60, 1000, 600, 0, Burst.MINUTE, HeaderForm.GROQ);
        var admitted = (Verdict.Admitted) admit(limits, new Job("m", 1, 0));
        assertThat(header(admitted.headers(), "x-ratelimit-limit-requests")).isEqualTo("1000");
        assertThat(header(admitted.headers(), "x-ratelimit-remaining-requests")).isEqualTo("999");
        assertThat(header(admitted.headers(), "x-ratelimit-reset-requests")).isEqualTo("1m26.4s");
    }

    @Test
    void tokens_are_reserved_and_corrected_by_use() {
        RateLimits limits = limits(0, 0, 1000, 0, Burst.MINUTE, HeaderForm.OPENAI);
        var first = (Verdict.Admitted) admit(limits, new Job("m", 100, 800));
        assertThat(admit(limits, new Job("m", 100, 100))).isInstanceOf(Verdict.Refused.class);
        first.permit().close(150);
        assertThat(admit(limits, new Job("m", 50, 800))).isInstanceOf(Verdict.Admitted.class);
        assertThat(admit(limits, new Job("m", 1, 0))).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void a_request_larger_than_a_minute_is_refused_without_a_time() {
        RateLimits limits = limits(0, 0, 1000, 0, Burst.MINUTE, HeaderForm.OPENAI);
        var refused = (Verdict.Refused) admit(limits, new Job("m", 1001, 0));
        assertThat(refused.refusal().reason()).isEqualTo(Reason.TOKENS);
        assertThat(refused.retryAfter()).isEmpty();
    }

    @Test
    void a_request_larger_than_a_seconds_worth_runs_and_leaves_a_debt() {
        RateLimits limits = limits(0, 0, 6000, 0, Burst.SECOND, HeaderForm.OPENAI);
        var admitted = (Verdict.Admitted) admit(limits, new Job("m", 300, 0));
        admitted.permit().close(300);
        clock.advance(Duration.ofMillis(2900));
        assertThat(admit(limits, new Job("m", 100, 0))).isInstanceOf(Verdict.Refused.class);
        clock.advance(Duration.ofMillis(100));
        assertThat(admit(limits, new Job("m", 100, 0))).isInstanceOf(Verdict.Admitted.class);
    }

    @Test
    void concurrency_is_freed_by_closing() {
        RateLimits limits = limits(0, 0, 0, 2, Burst.MINUTE, HeaderForm.OPENAI);
        var permits = new ArrayList<Permit>();
        for (int i = 0; i < 2; i++) {
            permits.add(((Verdict.Admitted) admit(limits, new Job("m", 1, 0))).permit());
        }
        var refused = (Verdict.Refused) admit(limits, new Job("m", 1, 0));
        assertThat(refused.refusal().reason()).isEqualTo(Reason.CONCURRENCY);
        permits.getFirst().close(1);
        assertThat(admit(limits, new Job("m", 1, 0))).isInstanceOf(Verdict.Admitted.class);
    }
}
