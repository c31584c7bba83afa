package dev.batchwright.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.batchwright.job.Job;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.StoreLocation;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Two servers behind a load balancer, on one PostgreSQL. */
@Timeout(120)
class SharedServingTest {
    private static final Duration NEVER = Duration.ofHours(1);
    private static @Nullable EmbeddedPostgres server;

    @BeforeAll
    static void startServer() throws IOException {
        try {
            server = EmbeddedPostgres.builder().start();
        } catch (IllegalStateException e) {
            abort("No PostgreSQL binaries for this platform: " + e.getMessage());
        }
    }

    @AfterAll
    static void stopServer() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    private static String location() {
        return Objects.requireNonNull(server).getJdbcUrl("postgres", "postgres");
    }

    private static Collector open(UnaryOperator<CollectorOptions.Builder> setting) {
        return Collector.open(
                setting.apply(
                                CollectorOptions.builder()
                                        .provider("echo")
                                        .mode(Mode.AUTO)
                                        .store(location())
                                        .serving(
                                                new CollectorOptions.Serving(
                                                        9_999,
                                                        1 << 20,
                                                        false,
                                                        model -> Optional.empty())))
                        .build(),
                Map.of());
    }

    private static Ticket take(Collector collector, String owner, int call) {
        return collector.take(
                Call.of(
                                "/v1/chat/completions",
                                RawJson.of(
                                        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"%d\"}]}"
                                                .formatted(call)))
                        .on(new Call.Terms(owner, Optional.empty(), Optional.empty(), "")));
    }

    private static long items(String owner) {
        try (JobStore store =
                JobStores.open(
                        StoreLocation.parse(location(), Path.of(""), Path.of("")),
                        Clock.systemUTC())) {
            return store.jobs(owner, 99).stream().mapToLong(Job::items).sum();
        }
    }

    @Test
    void a_call_in_the_draft_of_one_is_joined_by_the_other_and_answered_by_whoever_is_left() {
        Ticket there;
        try (Collector other = open(o -> o.batchWindow(Duration.ofMillis(100)))) {
            try (Collector one = open(o -> o.batchWindow(NEVER))) {
                Ticket here = take(one, "draft", 1);
                here.accepted().join();
                there = take(other, "draft", 1);
                assertThat(there.accepted().join().known()).isTrue();
                assertThat(there.accepted().join().id()).isEqualTo(here.accepted().join().id());
                assertThat(there.answer()).isNotDone();
            }
            assertThat(there.answer().join().body().toString()).contains("\"1\"");
        }
        assertThat(items("draft")).isEqualTo(1);
    }

    @Test
    void equal_calls_that_arrive_at_both_at_once_are_one_item_each() {
        try (Collector one = open(o -> o.batchWindow(Duration.ofMillis(300)));
                Collector other = open(o -> o.batchWindow(Duration.ofMillis(300)))) {
            List<Ticket> calls = new ArrayList<>();
            for (int call = 0; call < 200; call++) {
                calls.add(take(call % 2 == 0 ? one : other, "race", call));
                calls.add(take(call % 2 == 0 ? other : one, "race", call));
            }
            for (int i = 0; i < calls.size(); i++) {
                assertThat(calls.get(i).answer().join().body().toString())
                        .contains("\"" + i / 2 + "\"");
            }
        }
        assertThat(items("race")).isEqualTo(200);
    }
}
