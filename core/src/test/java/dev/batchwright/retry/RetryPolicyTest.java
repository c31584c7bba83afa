package dev.batchwright.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Cost;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Outcome.Failed;
import dev.batchwright.job.Outcome.Succeeded;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.LimitReport;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.AttemptOutcome.Blocked;
import dev.batchwright.provider.AttemptOutcome.Rejected;
import dev.batchwright.provider.AttemptOutcome.Success;
import dev.batchwright.provider.AttemptOutcome.Throttled;
import dev.batchwright.provider.AttemptOutcome.Transient;
import dev.batchwright.retry.Next.Block;
import dev.batchwright.retry.Next.Done;
import dev.batchwright.retry.Next.RetryAt;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;

class RetryPolicyTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final Reply REPLY = new Reply(200, "req-1", RawJson.of("{}"));
    private static final ItemError ERROR = new ItemError("server_error", "The server failed.");
    private static final Usage PAID = new Usage(10, 0, 5);

    private static final Success SUCCESS = new Success(REPLY, PAID, LimitReport.NONE);
    private static final Rejected REJECTED = new Rejected(ERROR, REPLY, LimitReport.NONE);

    private static Transient failure(Optional<Duration> retryAfter, Usage usage) {
        return new Transient(ERROR, Optional.of(REPLY), false, retryAfter, usage, LimitReport.NONE);
    }

    private static Throttled throttled(Optional<Duration> retryAfter) {
        return new Throttled(retryAfter, ERROR, LimitReport.NONE);
    }

    private static Cost price(Usage usage) {
        return new Cost(usage.totalTokens() * 100);
    }

    @Nested
    class Given_three_attempts_one_second_apart {
        final RetryPolicy policy =
                new RetryPolicy(3, new Backoff.Fixed(Duration.ofSeconds(1)), new Random(7));

        Next after(AttemptOutcome outcome, Attempts before) {
            return policy.after(outcome, before, NOW, RetryPolicyTest::price);
        }

        @Test
        void when_answered_then_it_is_done_with_usage_and_cost() {
            assertThat(after(SUCCESS, Attempts.NONE))
                    .isEqualTo(new Done(new Succeeded(1, REPLY, PAID, new Cost(1500))));
        }

        @Test
        void when_refused_for_what_it_asks_then_no_attempt_follows() {
            assertThat(after(REJECTED, Attempts.NONE))
                    .isEqualTo(
                            new Done(
                                    new Failed(
                                            1, ERROR, Optional.of(REPLY), Usage.NONE, Cost.ZERO)));
        }

        @Test
        void when_an_attempt_fails_then_another_follows_a_second_later() {
            assertThat(after(failure(Optional.empty(), Usage.NONE), Attempts.NONE))
                    .isEqualTo(new RetryAt(new Attempts(1, 0, Usage.NONE), NOW.plusSeconds(1)));
        }

        @Test
        void when_the_server_names_a_time_then_that_is_kept() {
            assertThat(
                            after(
                                    failure(Optional.of(Duration.ofSeconds(40)), Usage.NONE),
                                    Attempts.NONE))
                    .isEqualTo(new RetryAt(new Attempts(1, 0, Usage.NONE), NOW.plusSeconds(40)));
        }

        @Test
        void when_the_third_attempt_fails_then_the_item_keeps_the_error_the_reply_and_the_bill() {
            assertThat(after(failure(Optional.empty(), PAID), new Attempts(2, 0, PAID)))
                    .isEqualTo(
                            new Done(
                                    new Failed(
                                            3,
                                            ERROR,
                                            Optional.of(REPLY),
                                            PAID.plus(PAID),
                                            new Cost(3000))));
        }

        @Test
        void when_it_succeeds_after_a_paid_failure_then_both_are_billed() {
            assertThat(after(SUCCESS, new Attempts(1, 0, PAID)))
                    .isEqualTo(new Done(new Succeeded(2, REPLY, PAID.plus(PAID), new Cost(3000))));
        }

        @Test
        void when_throttled_then_the_item_waits_as_asked_and_keeps_its_attempts() {
            assertThat(
                            after(
                                    throttled(Optional.of(Duration.ofSeconds(20))),
                                    new Attempts(2, 0, Usage.NONE)))
                    .isEqualTo(new RetryAt(new Attempts(2, 1, Usage.NONE), NOW.plusSeconds(20)));
        }

        @Test
        void when_throttled_a_thousand_times_then_the_attempts_are_still_there() {
            Attempts attempts = new Attempts(2, 0, PAID);
            for (int i = 0; i < 1000; i++) {
                Next next = after(throttled(Optional.empty()), attempts);
                assertThat(next).isInstanceOf(RetryAt.class);
                attempts = ((RetryAt) next).attempts();
            }
            assertThat(attempts).isEqualTo(new Attempts(2, 1000, PAID));
        }

        @Test
        void when_the_server_asks_for_a_century_then_it_is_asked_again_after_a_day() {
            assertThat(
                            after(
                                    throttled(Optional.of(Duration.ofSeconds(Long.MAX_VALUE))),
                                    Attempts.NONE))
                    .isEqualTo(
                            new RetryAt(
                                    new Attempts(0, 1, Usage.NONE), NOW.plus(Duration.ofDays(1))));
        }

        @Test
        void when_the_account_is_refused_then_the_job_stops() {
            assertThat(after(new Blocked("The key is wrong.", LimitReport.NONE), Attempts.NONE))
                    .isEqualTo(new Block("The key is wrong."));
        }
    }

    @Test
    void full_jitter_doubles_the_longest_wait_up_to_the_cap() {
        var backoff = new Backoff.Exponential(Duration.ofSeconds(1), Duration.ofSeconds(60));
        var random = new Random(11);
        for (int failures = 1; failures <= 100; failures++) {
            long longest = Math.min(60_000, 1000L << Math.min(failures - 1, 10));
            long most = 0;
            long sum = 0;
            for (int i = 0; i < 2000; i++) {
                long millis = backoff.delay(failures, random).toMillis();
                most = Math.max(most, millis);
                sum += millis;
            }
            assertThat(most).isBetween(longest * 98 / 100, longest);
            assertThat(sum / 2000).isBetween(longest * 46 / 100, longest * 54 / 100);
        }
    }

    @Test
    void a_policy_without_attempts_is_refused_by_name() {
        assertThatThrownBy(
                        () -> new RetryPolicy(0, new Backoff.Fixed(Duration.ZERO), new Random(1)))
                .hasMessage("max_attempts = 0: must be at least 1");
    }
}
