package dev.batchwright.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The permits as threads meet them. */
@Timeout(30)
class ThrottleTest {
    private static final Feedback ANSWERED =
            new Feedback.Answered(1, Duration.ofMillis(50), LimitReport.NONE);

    private final ManualTimer timer = new ManualTimer();

    private static Limits concurrency(int most) {
        return new Limits(OptionalInt.of(most), OptionalLong.empty(), OptionalLong.empty());
    }

    private static Throttles throttles(Limits limits, Timer timer) {
        return new Throttles((provider, model) -> limits, timer, new Random(1));
    }

    private static void awaitWaiting(Throttle throttle, int calls) {
        while (throttle.snapshot().waiting() != calls) {
            Thread.onSpinWait();
        }
    }

    @Test
    void ten_thousand_threads_pass_seven_at_a_time() throws Exception {
        Throttle throttle = throttles(concurrency(7), Timer.system()).of("openai", "m");
        var inside = new AtomicInteger();
        var seven = new CyclicBarrier(7);
        var tooMany = new LongAdder();
        var passed = new LongAdder();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 7 * 1500; i++) {
            threads.add(
                    Thread.startVirtualThread(
                            () -> {
                                try (Permit permit = throttle.acquire(1)) {
                                    if (inside.incrementAndGet() > 7) {
                                        tooMany.increment();
                                    }
                                    seven.await();
                                    inside.decrementAndGet();
                                    permit.settle(ANSWERED);
                                    passed.increment();
                                } catch (InterruptedException | BrokenBarrierException e) {
                                    throw new AssertionError(e);
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(passed.sum()).isEqualTo(7 * 1500);
        assertThat(tooMany.sum()).isZero();
        assertThat(throttle.snapshot().inFlight()).isZero();
        assertThat(throttle.snapshot().waiting()).isZero();
    }

    @Test
    void first_come_first_served() throws Exception {
        Throttle throttle = throttles(concurrency(1), timer).of("openai", "m");
        Permit held = throttle.acquire(1);
        BlockingQueue<Integer> order = new ArrayBlockingQueue<>(100);
        for (int i = 0; i < 100; i++) {
            int number = i;
            Thread.startVirtualThread(
                    () -> {
                        try (Permit permit = throttle.acquire(1)) {
                            order.add(number);
                            permit.settle(ANSWERED);
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    });
            awaitWaiting(throttle, i + 1);
        }
        held.close();
        for (int i = 0; i < 100; i++) {
            assertThat(order.take()).isEqualTo(i);
        }
    }

    @Test
    void who_has_no_thread_yet_is_woken_when_it_is_his_turn() throws Exception {
        Throttle throttle = throttles(concurrency(1), timer).of("openai", "m");
        Permit held = throttle.acquire(1);
        var woken = new AtomicInteger();
        Throttle.Turn turn = throttle.turn(1);
        turn.enter(woken::incrementAndGet);
        assertThat(woken).hasValue(0);
        held.settle(ANSWERED);
        assertThat(woken).hasValue(1);
        turn.await().settle(ANSWERED);
        assertThat(throttle.snapshot().inFlight()).isZero();
    }

    @Test
    void a_turn_that_is_given_up_before_or_after_it_came_is_in_nobodys_way() throws Exception {
        Throttle throttle = throttles(concurrency(1), timer).of("openai", "m");
        Throttle.Turn granted = throttle.turn(1);
        granted.enter(() -> {});
        Throttle.Turn waiting = throttle.turn(1);
        waiting.enter(() -> {});
        Throttle.Turn neverEntered = throttle.turn(1);
        neverEntered.withdraw();
        neverEntered.enter(() -> {});
        waiting.withdraw();
        granted.withdraw();
        throttle.acquire(1).settle(ANSWERED);
        assertThat(throttle.snapshot().inFlight()).isZero();
    }

    @Test
    void a_permit_that_is_closed_unsettled_gives_everything_back() throws Exception {
        var limits = new Limits(OptionalInt.of(100), OptionalLong.of(60), OptionalLong.of(60_000));
        Throttle throttle = throttles(limits, timer).of("openai", "m");
        for (int i = 0; i < 1000; i++) {
            throttle.acquire(5000).close();
        }
        assertThat(throttle.snapshot().inFlight()).isZero();
    }

    @Test
    void an_interrupted_waiter_leaves_and_the_next_goes() throws Exception {
        Throttle throttle = throttles(concurrency(1), timer).of("openai", "m");
        Permit held = throttle.acquire(1);
        var interrupted = new CountDownLatch(1);
        Thread first =
                Thread.startVirtualThread(
                        () -> {
                            try (Permit permit = throttle.acquire(1)) {
                                permit.settle(ANSWERED);
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                        });
        awaitWaiting(throttle, 1);
        var went = new CountDownLatch(1);
        Thread.startVirtualThread(
                () -> {
                    try (Permit permit = throttle.acquire(1)) {
                        permit.settle(ANSWERED);
                        went.countDown();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        awaitWaiting(throttle, 2);
        first.interrupt();
        interrupted.await();
        held.settle(ANSWERED);
        went.await();
        first.join();
        assertThat(throttle.snapshot().waiting()).isZero();
    }

    @Test
    void whoever_was_interrupted_while_first_hands_the_watch_over() throws Exception {
        var limits = new Limits(OptionalInt.of(9), OptionalLong.of(60), OptionalLong.empty());
        Throttle throttle = throttles(limits, timer).of("openai", "m");
        throttle.acquire(1);
        var interrupted = new CountDownLatch(1);
        Thread first =
                Thread.startVirtualThread(
                        () -> {
                            try (Permit permit = throttle.acquire(1)) {
                                permit.settle(ANSWERED);
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                        });
        awaitWaiting(throttle, 1);
        var went = new CountDownLatch(1);
        Thread.startVirtualThread(
                () -> {
                    try (Permit permit = throttle.acquire(1)) {
                        permit.settle(ANSWERED);
                        went.countDown();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        awaitWaiting(throttle, 2);
        first.interrupt();
        interrupted.await();
        timer.advance(Duration.ofSeconds(2));
        went.await();
    }

    @Test
    void too_fast_closes_the_gate_for_everyone_until_the_servers_time() throws Exception {
        Throttle throttle = throttles(concurrency(10), timer).of("openai", "m");
        timer.advance(Duration.ofSeconds(1));
        throttle.acquire(1)
                .settle(
                        new Feedback.Throttled(
                                Optional.of(Duration.ofSeconds(20)), LimitReport.NONE));
        assertThat(throttle.snapshot().closedFor()).contains(Duration.ofSeconds(20));
        var went = new CountDownLatch(1);
        Thread.startVirtualThread(
                () -> {
                    try (Permit permit = throttle.acquire(1)) {
                        permit.settle(ANSWERED);
                        went.countDown();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        awaitWaiting(throttle, 1);
        timer.advance(Duration.ofMillis(19_999));
        assertThat(throttle.snapshot().waiting()).isEqualTo(1);
        timer.advance(Duration.ofMillis(1));
        went.await();
        assertThat(throttle.snapshot().closedFor()).isEmpty();
    }

    @Test
    void models_share_the_concurrency_of_their_provider_but_not_its_gate() throws Exception {
        Throttles throttles = throttles(concurrency(2), timer);
        timer.advance(Duration.ofSeconds(1));
        Throttle small = throttles.of("openai", "small");
        Throttle large = throttles.of("openai", "large");
        small.acquire(1).settle(new Feedback.Throttled(Optional.empty(), LimitReport.NONE));
        Permit one = large.acquire(1);
        Permit two = large.acquire(1);
        assertThat(small.snapshot().inFlight()).isEqualTo(2);
        assertThat(throttles.of("groq", "large").snapshot().inFlight()).isZero();
        assertThat(large.snapshot().closedFor()).isEmpty();
        one.close();
        two.close();
        assertThat(throttles.of("openai", "small")).isSameAs(small);
    }

    @Test
    void a_call_is_settled_once() throws Exception {
        Throttle throttle = throttles(concurrency(2), timer).of("openai", "m");
        Permit permit = throttle.acquire(1);
        permit.settle(ANSWERED);
        permit.close();
        assertThat(throttle.snapshot().inFlight()).isZero();
        assertThatThrownBy(() -> permit.settle(ANSWERED)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_limit_of_nothing_is_refused_by_name() {
        assertThatThrownBy(
                        () ->
                                new Limits(
                                        OptionalInt.empty(),
                                        OptionalLong.of(0),
                                        OptionalLong.empty()))
                .hasMessage(
                        "requests per minute = 0: must be at least 1; leave it out to run without"
                                + " this limit");
    }
}
