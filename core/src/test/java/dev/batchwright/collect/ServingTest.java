package dev.batchwright.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.store.Gatherer;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.StoreException;
import dev.batchwright.store.StoreLocation;
import dev.batchwright.workbench.Workbench;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A collector that serves callers who come again, on the echo provider: calls travel live. */
@Timeout(60)
class ServingTest {
    private static final String CHAT = "/v1/chat/completions";

    @TempDir Path directory;

    private Collector open(UnaryOperator<CollectorOptions.Builder> setting) {
        return Collector.open(
                setting.apply(
                                CollectorOptions.builder()
                                        .provider("echo")
                                        .mode(Mode.LIVE)
                                        .store(location())
                                        .serving(
                                                new CollectorOptions.Serving(
                                                        1_000,
                                                        1 << 20,
                                                        false,
                                                        model -> Optional.empty())))
                        .build(),
                Map.of());
    }

    private String location() {
        return directory.resolve("store.db").toString();
    }

    private static Call chat(String prompt) {
        return Call.of(
                CHAT,
                RawJson.of(
                        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                                .formatted(prompt)));
    }

    private static Call by(String owner, Call call) {
        return call.on(new Call.Terms(owner, Optional.empty(), Optional.empty(), ""));
    }

    private static Call named(String key, Call call) {
        return call.on(new Call.Terms("me", Optional.empty(), Optional.of(key), ""));
    }

    private static Call repeat(String label, Call call) {
        return call.on(new Call.Terms("me", Optional.empty(), Optional.empty(), label));
    }

    private long items() {
        try (JobStore store =
                JobStores.open(
                        StoreLocation.parse(location(), directory, directory), Clock.systemUTC())) {
            return store.jobs(99).stream().mapToLong(Job::items).sum();
        }
    }

    private static CollectedAnswer join(Ticket ticket) {
        return ticket.answer().join();
    }

    @Test
    void a_live_call_is_answered_at_once_though_the_window_is_long() {
        try (Collector collector = open(o -> o.batchWindow(Duration.ofHours(1)))) {
            Ticket ticket = collector.take(by("me", chat("hello")));
            CollectedAnswer answer = join(ticket);
            assertThat(answer.body().toString()).contains("hello");
            assertThat(answer.origin().orElseThrow().lane()).isEqualTo(Lane.LIVE);
            assertThat(answer.origin().orElseThrow().known()).isFalse();
            assertThat(ticket.accepted().join().id()).matches("call_[0-9a-f]{32}");
        }
    }

    @Test
    void equal_calls_of_one_owner_are_one_item_also_after_a_restart() {
        try (Collector collector = open(o -> o)) {
            List<Ticket> calls =
                    IntStream.range(0, 20)
                            .mapToObj(i -> collector.take(by("me", chat("same"))))
                            .toList();
            assertThat(calls.stream().map(call -> join(call).body().toString()).distinct())
                    .hasSize(1);
            join(collector.take(by("you", chat("same"))));
        }
        try (Collector again = open(o -> o)) {
            CollectedAnswer answer = join(again.take(by("me", chat("same"))));
            assertThat(answer.origin().orElseThrow().known()).isTrue();
        }
        assertThat(items()).isEqualTo(2);
    }

    @Test
    void a_repeat_is_a_call_of_its_own_if_it_says_so() {
        try (Collector collector = open(o -> o)) {
            join(collector.take(by("me", chat("same"))));
            join(collector.take(repeat("2", chat("same"))));
            join(collector.take(repeat("2", chat("same"))));
        }
        assertThat(items()).isEqualTo(2);
    }

    @Test
    void an_idempotency_key_names_a_call_and_is_refused_for_another_one() {
        try (Collector collector = open(o -> o)) {
            join(collector.take(named("k1", chat("same"))));
            join(collector.take(named("k1", chat("same"))));
            join(collector.take(named("k2", chat("same"))));
            CollectedAnswer other = join(collector.take(named("k1", chat("other"))));
            assertThat(other.status()).isEqualTo(409);
            assertThat(other.body().toString()).contains("idempotency_key_reused");
        }
        assertThat(items()).isEqualTo(2);
    }

    @Test
    void what_was_accepted_can_be_asked_for_by_its_owner_alone() {
        String id;
        try (Collector collector = open(o -> o)) {
            Ticket ticket = collector.take(by("me", chat("hello")));
            id = ticket.accepted().join().id();
            join(ticket);
            assertThat(collector.status("me", id))
                    .isInstanceOfSatisfying(
                            CallStatus.Answered.class,
                            known ->
                                    assertThat(known.answer().body().toString()).contains("hello"));
            assertThat(collector.status("you", id)).isEqualTo(new CallStatus.Unknown());
            assertThat(collector.status("me", "call_0")).isEqualTo(new CallStatus.Unknown());
        }
    }

    @Test
    void a_queue_of_batches_waits_for_its_window_and_what_is_left_goes_on_after_a_restart() {
        String id;
        try (Collector collector = open(o -> o.mode(Mode.AUTO).batchWindow(Duration.ofHours(1)))) {
            Ticket ticket = collector.take(by("me", chat("hello")));
            id = ticket.accepted().join().id();
            assertThat(collector.status("me", id)).isInstanceOf(CallStatus.UnderWay.class);
            assertThat(ticket.answer()).isNotDone();
        }
        try (Collector again = open(o -> o.mode(Mode.AUTO).batchWindow(Duration.ofHours(1)))) {
            // Nobody asked for it meanwhile, and it is answered nevertheless.
            CollectedAnswer answer = join(again.take(by("me", chat("hello"))));
            assertThat(answer.body().toString()).contains("hello");
            assertThat(answer.origin().orElseThrow().known()).isTrue();
        }
        assertThat(items()).isEqualTo(1);
    }

    @Test
    void a_deadline_does_not_wait_for_the_window() {
        try (Collector collector = open(o -> o.mode(Mode.AUTO).batchWindow(Duration.ofHours(1)))) {
            Call call = by("me", chat("soon")).within(Duration.ofSeconds(5));
            assertThat(join(collector.take(call)).isGood()).isTrue();
        }
    }

    @Test
    void a_live_queue_takes_calls_while_it_runs_and_ends_when_it_is_closed() {
        try (Collector collector = open(o -> o)) {
            for (int round = 0; round < 20; round++) {
                String prompt = round + "/";
                List<Ticket> calls =
                        IntStream.range(0, 50)
                                .mapToObj(i -> collector.take(by("me", chat(prompt + i))))
                                .toList();
                for (int i = 0; i < 50; i++) {
                    assertThat(join(calls.get(i)).body().toString()).contains(prompt + i);
                }
            }
        }
        try (JobStore store =
                JobStores.open(
                        StoreLocation.parse(location(), directory, directory), Clock.systemUTC())) {
            List<Job> jobs = store.jobs(99);
            assertThat(jobs).hasSize(1);
            assertThat(jobs.getFirst().items()).isEqualTo(1_000);
            assertThat(jobs.getFirst().spec().owner()).isEqualTo("me");
            assertThat(store.isGrowing(jobs.getFirst().id())).isFalse();
        }
    }

    @Test
    void a_queue_is_closed_at_its_size_however_many_calls_come_at_once() {
        try (Collector collector =
                open(o -> o.mode(Mode.AUTO).batchWindow(Duration.ofHours(1)).batchSize(30))) {
            List<Ticket> calls =
                    IntStream.range(0, 100)
                            .mapToObj(i -> collector.take(by("me", chat("p" + i))))
                            .toList();
            Map<JobId, Long> sizes =
                    calls.stream()
                            .map(call -> call.accepted().join().job())
                            .collect(Collectors.groupingBy(id -> id, Collectors.counting()));
            assertThat(sizes.values()).containsExactlyInAnyOrder(30L, 30L, 30L, 10L);
        }
    }

    @Test
    void a_live_queue_that_becomes_full_in_the_middle_of_a_group_loses_none_of_it() {
        var roomy = new CollectorOptions.Serving(9_999, 9 << 20, false, model -> Optional.empty());
        try (Collector collector = open(o -> o.serving(roomy))) {
            List<Ticket> calls =
                    IntStream.range(0, 2_500)
                            .mapToObj(i -> collector.take(by("me", chat("p" + i + "."))))
                            .toList();
            for (int i = 0; i < calls.size(); i++) {
                assertThat(join(calls.get(i)).body().toString()).contains("p" + i + ".");
            }
        }
        assertThat(items()).isEqualTo(2_500);
    }

    @Test
    void a_full_collector_takes_no_more_and_keeps_what_it_has() {
        try (Collector collector =
                open(
                        o ->
                                o.mode(Mode.AUTO)
                                        .batchWindow(Duration.ofHours(1))
                                        .serving(
                                                new CollectorOptions.Serving(
                                                        2,
                                                        1 << 20,
                                                        false,
                                                        model -> Optional.empty())))) {
            CompletableFuture<CollectedAnswer> first = collector.take(by("me", chat("1"))).answer();
            collector.take(by("me", chat("2"))).accepted().join();
            assertThatThrownBy(() -> collector.take(by("me", chat("3"))))
                    .isInstanceOf(CollectorFullException.class)
                    .hasMessageContaining("2 calls wait");
            first.cancel(false);
            collector.take(by("me", chat("3"))).accepted().join();
        }
    }

    @Test
    void after_a_failure_of_the_store_calls_are_taken_again_and_those_accepted_are_answered() {
        var failing = new AtomicBoolean();
        try (Workbench workbench =
                        Workbench.open(
                                new Workbench.Settings(
                                        Map.of(),
                                        directory,
                                        directory,
                                        Optional.of(location()),
                                        Clock.systemUTC(),
                                        store -> failingIf(failing, JobStore.class, store)));
                var collector =
                        new Collector(
                                workbench,
                                CollectorOptions.builder()
                                        .provider("echo")
                                        .mode(Mode.AUTO)
                                        .batchWindow(Duration.ofHours(1))
                                        .serving(
                                                new CollectorOptions.Serving(
                                                        99,
                                                        1 << 20,
                                                        false,
                                                        model -> Optional.empty()))
                                        .build())) {
            Ticket before = collector.take(by("me", chat("before")));
            before.accepted().join();
            failing.set(true);
            assertThatThrownBy(() -> join(collector.take(by("me", chat("refused")))))
                    .hasRootCauseInstanceOf(StoreException.class);
            failing.set(false);
            assertThat(join(before).body().toString()).contains("before");
            Call soon = by("me", chat("after")).within(Duration.ofSeconds(20));
            assertThat(join(collector.take(soon)).body().toString()).contains("after");
        }
        assertThat(items()).isEqualTo(2);
    }

    /** A store whose gatherers can't write when a test says so. */
    private static <T> T failingIf(AtomicBoolean failing, Class<T> type, T real) {
        Object proxy =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> {
                            if (failing.get() && method.getName().equals("accept")) {
                                throw new StoreException("The disk is full.");
                            }
                            try {
                                Object result = method.invoke(real, arguments);
                                return result instanceof Gatherer gatherer
                                        ? failingIf(failing, Gatherer.class, gatherer)
                                        : result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
        return type.cast(proxy);
    }
}
