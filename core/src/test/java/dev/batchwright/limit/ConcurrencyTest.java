package dev.batchwright.limit;

import static dev.batchwright.limit.Simulation.Latency.between;
import static dev.batchwright.limit.Simulation.Latency.millis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.limit.SimulatedServers.Flaky;
import dev.batchwright.limit.SimulatedServers.Queueing;
import dev.batchwright.limit.SimulatedServers.Refusing;
import dev.batchwright.limit.SimulatedServers.Unlimited;
import dev.batchwright.limit.Simulation.Latency;
import dev.batchwright.limit.Simulation.Server;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;

/** The search for the server's capacity, against servers of known capacity. */
class ConcurrencyTest {
    /** Latencies of LLMs, from one to a hundred, and their mean. */
    private static final Latency LLM = between(100, 10_000);

    private static final double LLM_MEAN = 9.9 / Math.log(100);

    private static Simulation searching(int seed, Server server) {
        return run(seed, Concurrency.searchingUpTo(1000, 0), server);
    }

    private static Simulation run(int seed, Concurrency concurrency, Server server) {
        var world = new Simulation(seed, concurrency, server);
        world.keepWaiting(world.lane(Limits.NONE), 10);
        return world;
    }

    private static double rate(Simulation world, int fromSecond, int toSecond) {
        world.runUntil(Duration.ofSeconds(toSecond));
        return world.rate(Duration.ofSeconds(fromSecond), Duration.ofSeconds(toSecond));
    }

    @Test
    void a_server_without_bounds_gets_a_thousand_calls_within_a_second() {
        var world = run(1, Concurrency.searchingUpTo(10_000, 0), new Unlimited(millis(50)));
        world.runUntil(Duration.ofSeconds(1));
        assertThat(world.account.concurrency.inFlight()).isGreaterThan(1000);
        world.runUntil(Duration.ofSeconds(2));
        assertThat(world.account.concurrency.limit()).isEqualTo(10_000);
    }

    @Test
    void a_told_concurrency_is_reached_within_a_second_and_never_exceeded() {
        var world = run(1, Concurrency.toldToUse(5000, 0), new Unlimited(millis(50)));
        world.runUntil(Duration.ofSeconds(1));
        assertThat(world.account.concurrency.inFlight()).isEqualTo(5000);
        world.runUntil(Duration.ofSeconds(2));
        assertThat(world.account.concurrency.limit()).isEqualTo(5000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void a_server_with_64_slots_and_a_queue_is_filled_but_not_flooded(int seed) {
        var world = searching(seed, new Queueing(64, millis(50)));
        assertThat(rate(world, 5, 60)).isGreaterThan(0.95 * 64 / 0.05);
        assertThat(world.account.concurrency.limit()).isBetween(64, 128);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void so_it_is_when_latencies_differ_a_hundredfold(int seed) {
        var world = searching(seed, new Queueing(64, LLM));
        assertThat(rate(world, 120, 1800)).isGreaterThan(0.9 * 64 / LLM_MEAN);
        assertThat(world.account.concurrency.limit()).isLessThan(64 * 4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void slow_answers_of_a_server_without_bounds_are_not_taken_for_a_queue(int seed) {
        var world = searching(seed, new Unlimited(LLM));
        assertThat(rate(world, 120, 600)).isGreaterThan(0.9 * 1000 / LLM_MEAN);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_server_that_refuses_above_200_is_used_just_below(boolean asThrottled) {
        var world = searching(4, new Refusing(200, millis(50), asThrottled));
        assertThat(rate(world, 5, 60)).isGreaterThan(0.9 * 200 / 0.05);
        assertThat(world.overloaded + world.throttled).isLessThan(world.arrivals.size() / 100);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void so_it_is_when_its_latencies_differ_a_hundredfold(boolean asThrottled) {
        var world = searching(4, new Refusing(200, LLM, asThrottled));
        assertThat(rate(world, 100, 600)).isGreaterThan(0.9 * 200 / LLM_MEAN);
        assertThat(world.overloaded + world.throttled).isLessThan(world.arrivals.size() / 50);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_told_concurrency_that_the_server_refuses_is_lowered(boolean asThrottled) {
        var world =
                run(5, Concurrency.toldToUse(1000, 0), new Refusing(200, millis(50), asThrottled));
        assertThat(rate(world, 5, 60)).isGreaterThan(0.9 * 200 / 0.05);
    }

    @Test
    void a_capacity_that_changes_is_followed_down_and_up() {
        var refusing = new Refusing(200, millis(50), false);
        var world = searching(6, refusing);
        world.after(30 * Simulation.SECOND, () -> refusing.slots = 50);
        world.after(60 * Simulation.SECOND, () -> refusing.slots = 400);
        assertThat(rate(world, 10, 30)).isGreaterThan(0.9 * 200 / 0.05);
        assertThat(rate(world, 32, 60)).isGreaterThan(0.9 * 50 / 0.05);
        assertThat(rate(world, 80, 120)).isGreaterThan(0.9 * 400 / 0.05);
    }

    @Test
    void a_queueing_server_that_shrinks_and_grows_is_followed_too() {
        var queueing = new Queueing(64, millis(50));
        var world = searching(7, queueing);
        world.after(60 * Simulation.SECOND, () -> queueing.slots = 16);
        world.after(120 * Simulation.SECOND, () -> queueing.slots = 200);
        assertThat(rate(world, 60, 119)).isGreaterThan(0.9 * 16 / 0.05);
        assertThat(world.account.concurrency.limit()).isLessThan(64);
        assertThat(rate(world, 150, 240)).isGreaterThan(0.9 * 200 / 0.05);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void failures_that_have_nothing_to_do_with_load_do_not_narrow_it(int seed) {
        var fast = searching(seed, new Flaky(new Unlimited(millis(50)), 0.15, 0.05, 0));
        assertThat(rate(fast, 5, 10)).isGreaterThan(0.8 * 0.9 * 1000 / 0.05);
        var slow = searching(seed, new Flaky(new Unlimited(LLM), 0.15, 0.05, 0));
        assertThat(rate(slow, 200, 600)).isGreaterThan(0.8 * 0.9 * 1000 / LLM_MEAN);
    }

    @Test
    void a_server_that_is_down_is_asked_ever_less_often_until_it_answers() {
        var down = new boolean[] {true};
        var healthy = new Unlimited(millis(50));
        var world =
                searching(
                        9,
                        (call, sim) -> {
                            if (down[0]) {
                                sim.breakOff(call);
                            } else {
                                healthy.arrive(call, sim);
                            }
                        });
        world.jitter = 20 * Simulation.MILLI;
        world.runUntil(Duration.ofSeconds(10));
        int before = world.arrivals.size();
        world.runUntil(Duration.ofSeconds(60));
        assertThat(world.arrivals.size() - before).isLessThan(100);
        down[0] = false;
        assertThat(rate(world, 130, 140)).isGreaterThan(0.9 * 1000 / 0.07);
    }
}
