package dev.batchwright.limit;

import static dev.batchwright.limit.Simulation.Latency.between;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.limit.SimulatedServers.Limited;
import dev.batchwright.limit.SimulatedServers.Shedding;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;

/** Requests and tokens per minute, against servers that enforce them with buckets of their own. */
class RateLimitTest {
    private static final long NO_LIMIT = 1_000_000_000_000L;
    private static final Duration LEARNED = Duration.ofSeconds(30);
    private static final Duration END = Duration.ofSeconds(630);

    private static Limits requestsPerMinute(long limit) {
        return new Limits(OptionalInt.empty(), OptionalLong.of(limit), OptionalLong.empty());
    }

    private static Simulation world(Limited server, Limits limits) {
        var world = new Simulation(3, Concurrency.searchingUpTo(1000, 0), server);
        world.jitter = 50 * Simulation.MILLI;
        world.keepWaiting(world.lane(limits), 1000);
        return world;
    }

    private record Share(double ofLimit, double refused) {}

    private static Share afterLearning(Simulation world, double perMinute) {
        world.runUntil(LEARNED);
        int throttled = world.throttled;
        int arrived = world.arrivals.size();
        world.runUntil(END);
        return new Share(
                world.rate(LEARNED, END) * 60 / perMinute,
                (world.throttled - throttled) / (double) (world.arrivals.size() - arrived));
    }

    // More than a bucket of one second's worth lets through, in any span of time, never arrives.
    private static void assertNeverMoreThanASecondAbove(List<Long> arrivals, double perMinute) {
        double perNano = perMinute / Duration.ofMinutes(1).toNanos();
        double level = 0;
        long last = 0;
        for (long arrival : arrivals) {
            level = Math.max(0, level - (arrival - last) * perNano) + 1;
            last = arrival;
            assertThat(level).isLessThanOrEqualTo(Math.max(1, perMinute / 60) + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"6, 1", "6, 60", "60, 1", "60, 60", "600, 1", "600, 60", "30000, 1", "30000, 60"})
    void a_reported_limit_is_used_and_hardly_ever_refused(long perMinute, double burst) {
        var server = new Limited(perMinute, NO_LIMIT, burst, between(200, 2000));
        Share share = afterLearning(world(server, Limits.NONE), (double) perMinute);
        assertThat(share.ofLimit).isGreaterThan(0.9);
        assertThat(share.refused).isLessThan(0.02);
    }

    @ParameterizedTest
    @CsvSource({"60, 1", "600, 1", "600, 60", "30000, 1"})
    void a_configured_limit_is_kept_from_the_first_call_on(long perMinute, double burst) {
        var server = new Limited(perMinute, NO_LIMIT, burst, between(200, 2000));
        server.tells = false;
        Simulation world = world(server, requestsPerMinute(perMinute));
        Share share = afterLearning(world, (double) perMinute);
        assertThat(share.ofLimit).isGreaterThan(0.9);
        assertThat(share.refused).isLessThan(0.02);
        assertNeverMoreThanASecondAbove(world.arrivals, (double) perMinute);
    }

    @Test
    void of_a_configured_and_a_reported_limit_the_lower_counts() {
        var generous = new Limited(6000, NO_LIMIT, 60, between(200, 2000));
        Simulation modest = world(generous, requestsPerMinute(600));
        assertThat(afterLearning(modest, 600).ofLimit).isBetween(0.95, 1.01);
        var strict = new Limited(600, NO_LIMIT, 60, between(200, 2000));
        assertThat(afterLearning(world(strict, requestsPerMinute(6000)), 600).refused)
                .isLessThan(0.02);
    }

    @Test
    void a_limit_that_the_server_changes_is_followed_down_and_up() {
        var server = new Limited(600, NO_LIMIT, 60, between(200, 2000));
        Simulation world = world(server, Limits.NONE);
        world.after(100 * Simulation.SECOND, () -> server.change(6000));
        world.after(200 * Simulation.SECOND, () -> server.change(300));
        world.runUntil(Duration.ofMinutes(5));
        assertThat(world.rate(Duration.ofMinutes(2), Duration.ofSeconds(200)) * 60)
                .isBetween(5700.0, 6000.0);
        assertThat(world.rate(Duration.ofSeconds(220), Duration.ofMinutes(5)) * 60)
                .isBetween(250.0, 305.0);
        assertThat(world.throttled).isLessThan(world.arrivals.size() / 50);
    }

    @ParameterizedTest
    @CsvSource({"1", "60"})
    void an_account_that_another_process_shares_is_not_overrun(double burst) {
        var server = new Limited(6000, NO_LIMIT, burst, between(200, 2000));
        Simulation world = world(server, Limits.NONE);
        everyTwentyMillis(world, server);
        Share share = afterLearning(world, 3000);
        assertThat(share.ofLimit).isGreaterThan(0.9);
        assertThat(share.refused).isLessThan(0.02);
    }

    private static void everyTwentyMillis(Simulation world, Limited server) {
        server.takes(1, world.now());
        world.after(20 * Simulation.MILLI, () -> everyTwentyMillis(world, server));
    }

    @Test
    void tokens_are_kept_too() {
        var server = new Limited(NO_LIMIT, 600_000, 60, between(200, 2000));
        var world = new Simulation(3, Concurrency.searchingUpTo(1000, 0), server);
        world.tokensPerCall = 500;
        world.jitter = 50 * Simulation.MILLI;
        world.keepWaiting(world.lane(Limits.NONE), 1000);
        Share share = afterLearning(world, 600_000.0 / 500);
        assertThat(share.ofLimit).isGreaterThan(0.9);
        assertThat(share.refused).isLessThan(0.02);
    }

    @Test
    void a_call_bigger_than_the_limit_goes_alone_and_is_paid_back() {
        var pace = new Pace(OptionalLong.of(6000), 0);
        assertThat(pace.readyAt(60_000)).isLessThanOrEqualTo(0);
        pace.take(60_000, 0);
        assertThat(pace.readyAt(1) / 1e9).isBetween(600.0, 620.0);
    }

    @Test
    void what_was_reserved_too_much_is_given_back_and_what_was_missing_is_owed() {
        var pace = new Pace(OptionalLong.of(60_000), 0);
        pace.take(10_000, 0);
        long reserved = pace.readyAt(1);
        pace.correct(-5_000);
        assertThat((reserved - pace.readyAt(1)) / 1e9).isBetween(5.0, 5.2);
        pace.correct(15_000);
        assertThat((pace.readyAt(1) - reserved) / 1e9).isBetween(10.0, 10.4);
    }

    @Test
    void many_refusals_of_one_burst_close_the_gate_once() {
        var gate = new Gate(new Random(1));
        for (int i = 0; i < 1000; i++) {
            gate.refused(1, Optional.empty(), 10);
        }
        assertThat(gate.closedUntil(10).orElseThrow()).isLessThan(300 * Simulation.MILLI);
        long sentAfter = gate.closedUntil(10).orElseThrow() + 1;
        gate.refused(sentAfter, Optional.empty(), sentAfter + 1);
        assertThat(gate.closedUntil(sentAfter + 1).orElseThrow() - sentAfter)
                .isBetween(250 * Simulation.MILLI, 500 * Simulation.MILLI + 1);
    }

    @Test
    void a_gate_opens_one_by_one() {
        var gate = new Gate(new Random(1));
        gate.refused(1, Optional.of(Duration.ofSeconds(1)), 10);
        long opens = gate.closedUntil(10).orElseThrow();
        gate.pass(100, opens);
        assertThat(gate.readyAt() - opens).isBetween(2 * Simulation.MILLI, 3 * Simulation.MILLI);
    }

    @ParameterizedTest
    @CsvSource({"0.01, false", "0.03, false", "0.03, true"})
    void a_few_refusals_without_a_time_hold_nobody_else_up(double share, boolean told) {
        var server = new Shedding(share, between(200, 2000));
        Concurrency concurrency =
                told ? Concurrency.toldToUse(300, 0) : Concurrency.searchingUpTo(300, 0);
        var world = new Simulation(3, concurrency, server);
        world.keepWaiting(world.lane(Limits.NONE), 1000);
        world.runUntil(Duration.ofSeconds(150));

        // 300 at once, of which each takes 0.78 s.
        assertThat(world.rate(LEARNED, Duration.ofSeconds(150))).isGreaterThan(0.85 * 300 / 0.78);
    }

    @Test
    void a_secret_limit_without_a_time_closes_the_gate_again_and_again() {
        var server = new Limited(600, NO_LIMIT, 1, between(200, 2000));
        server.tells = false;
        server.saysWhen = false;
        Share share = afterLearning(world(server, Limits.NONE), 600);
        assertThat(share.ofLimit).isGreaterThan(0.6);
        assertThat(share.refused).isLessThan(0.2);
    }

    @Test
    void a_server_that_keeps_its_limit_secret_is_still_used() {
        var server = new Limited(600, NO_LIMIT, 60, between(200, 2000));
        server.tells = false;
        Share share = afterLearning(world(server, Limits.NONE), 600);
        assertThat(share.ofLimit).isGreaterThan(0.9);
        assertThat(share.refused).isLessThan(0.3);
    }
}
