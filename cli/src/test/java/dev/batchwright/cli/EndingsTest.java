package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.CallListener;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** How runs end that do not end well: the exit code, what is said, and how they go on. */
class EndingsTest {
    private final User user;

    EndingsTest(@TempDir Path temporary) {
        user = new User(temporary).writes("rows.jsonl", User.ROWS);
    }

    private static Simulator simulator(String fault) {
        return Simulator.start(SimulatorOptions.builder().fault(fault).build());
    }

    private static Simulator slowSimulator(String latency) {
        return Simulator.start(SimulatorOptions.builder().latency(latency).build());
    }

    private User.Answer runs(String baseUrl, String... more) {
        var command = new ArrayList<>(List.of("run", "rows.jsonl", "-m", "m", "-o", "out.jsonl"));
        command.addAll(List.of("--base-url", baseUrl));
        command.addAll(List.of(more));
        return user.types(command.toArray(String[]::new));
    }

    /** To be awaited: a call has come in. */
    private static CountDownLatch call(Simulator server) {
        var seen = new CountDownLatch(1);
        server.onCall(
                new CallListener() {
                    @Override
                    public void before(String method, String path) {
                        seen.countDown();
                    }

                    @Override
                    public void answered(String method, String path) {}
                });
        return seen;
    }

    private static CompletableFuture<User.Answer> beside(Supplier<User.Answer> command) {
        return CompletableFuture.supplyAsync(
                command, task -> Thread.ofPlatform().daemon().start(task));
    }

    @Test
    void a_refused_item_fails_alone_and_a_retry_mends_it() {
        try (var server = simulator("400 first=1 when body~two")) {
            User.Answer failed = runs(server.baseUrl());

            assertThat(failed.code()).isEqualTo(1);
            assertThat(failed.err())
                    .contains("finished: 2 of 3 succeeded")
                    .contains("1 failed (batchwright results job_")
                    .contains("try them again: batchwright retry job_");
            assertThat(user.reads("out.jsonl").lines()).hasSize(3);

            assertThat(user.types("results", "last", "--only", "failed").outLines()).hasSize(1);
            assertThat(user.types("results", "last", "--only", "ok").outLines()).hasSize(2);
            assertThat(user.types("results", "last").outLines()).hasSize(3);

            User.Answer mended = user.types("retry", "last");

            assertThat(mended.code()).isZero();
            assertThat(mended.err())
                    .contains("1 failed item again, 1 to do in all")
                    .contains("finished: 3 of 3 succeeded");
            assertThat(server.bill().executed()).isEqualTo(3);
            assertThat(user.types("retry", "last").err()).contains("there is nothing to retry");
        }
    }

    @Test
    void failures_go_to_a_file_of_their_own() {
        try (var server = simulator("400 when body~two")) {
            assertThat(runs(server.baseUrl(), "--errors", "errors.jsonl").code()).isEqualTo(1);
            assertThat(user.reads("out.jsonl").lines()).hasSize(2);
            assertThat(user.reads("errors.jsonl").lines())
                    .singleElement()
                    .asString()
                    .contains("\"error\":{");
        }
    }

    @Test
    void a_refused_key_blocks_the_job_and_a_right_one_goes_on() {
        try (var server = Simulator.start(SimulatorOptions.builder().key("right-key").build())) {
            user.sets("OPENAI_API_KEY", "wrong-key-1234");
            User.Answer blocked = runs(server.baseUrl(), "-p", "openai");

            assertThat(blocked.code()).isEqualTo(3);
            assertThat(blocked.err())
                    .contains("is blocked with 3 of 3 items left: openai refused the key (HTTP 401")
                    .contains("OPENAI_API_KEY")
                    .contains("run the same command again")
                    .doesNotContain("wrong-key-1234");
            assertThat(user.path("out.jsonl")).doesNotExist();
            assertThat(user.types("results", "last").outLines())
                    .hasSize(3)
                    .allSatisfy(line -> assertThat(line).contains("\"not_executed\""));
            assertThat(user.types("status", "last").out())
                    .contains("state      blocked")
                    .contains("problem    openai refused the key");

            user.sets("OPENAI_API_KEY", "right-key");
            User.Answer done = runs(server.baseUrl(), "-p", "openai");

            assertThat(done.code()).isZero();
            assertThat(done.err()).contains("Resuming job job_").contains(": 0 of 3 done.");
            assertThat(server.bill().executed()).isEqualTo(3);
        }
    }

    @Test
    void an_exhausted_quota_blocks_the_job() {
        try (var server = simulator("quota after=1")) {
            User.Answer blocked = runs(server.baseUrl(), "--concurrency", "1");

            assertThat(blocked.code()).isEqualTo(3);
            assertThat(blocked.err())
                    .contains("is blocked with 2 of 3 items left: The account at compatible has")
                    .contains("nothing left to spend")
                    .contains("Add credit");
            assertThat(user.types("results", "last").outLines())
                    .filteredOn(line -> line.endsWith("\"error\":null}"))
                    .hasSize(1);
        }
    }

    @Test
    void a_server_that_is_down_blocks_the_job_until_it_is_up() throws IOException {
        int port;
        String baseUrl;
        // A port that is bound, so that nobody else gets it, and on which nobody listens.
        try (var silent =
                SocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            port = silent.socket().getLocalPort();
            baseUrl = "http://127.0.0.1:" + port + "/v1";

            User.Answer blocked = runs(baseUrl, "--max-attempts", "1");

            assertThat(blocked.code()).isEqualTo(3);
            assertThat(blocked.err())
                    .contains("No connection to " + baseUrl)
                    .contains("3 of 3 items left");
        }
        try (var server = Simulator.start(SimulatorOptions.builder().port(port).build())) {
            assertThat(runs(baseUrl, "--max-attempts", "1").code()).isZero();
            assertThat(server.bill().executed()).isEqualTo(3);
        }
    }

    @Test
    void a_cancelled_job_stops_in_whatever_process_it_runs_and_can_be_taken_up_again() {
        try (var server = slowSimulator("1s")) {
            CountDownLatch call = call(server);
            CompletableFuture<User.Answer> running =
                    beside(() -> runs(server.baseUrl(), "--concurrency", "1"));
            BatchScene.await(call);

            assertThat(user.types("delete", "last"))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(2))
                    .satisfies(refused -> assertThat(refused.err()).contains("batchwright cancel"));
            assertThat(user.types("retry", "last").code()).isEqualTo(2);
            assertThat(user.types("results", "last").code()).isZero();
            User.Answer cancelled = user.types("cancel", "last");

            assertThat(cancelled.code()).isZero();
            assertThat(running.join().code()).isEqualTo(4);
            assertThat(running.join().err()).contains("was cancelled with");
            assertThat(user.types("cancel", "last").err()).contains("is cancelled already");

            User.Answer again = runs(server.baseUrl());

            assertThat(again.code()).isZero();
            assertThat(again.err()).contains(", which was cancelled: ");
            assertThat(server.bill().executedTwice()).isZero();
        }
    }

    @Test
    void a_deadline_ends_the_run_with_what_there_is() {
        try (var server = slowSimulator("600ms")) {
            User.Answer late = runs(server.baseUrl(), "--concurrency", "1", "--deadline", "800ms");

            assertThat(late.code()).isEqualTo(5);
            assertThat(late.err())
                    .containsPattern("stopped with [1-3] of 3 items left")
                    .contains("later --deadline");
            assertThat(runs(server.baseUrl()).code()).isZero();
            assertThat(server.bill().executed()).isEqualTo(3);
        }
    }

    @Test
    void a_budget_ends_the_run_before_it_is_exceeded() {
        user.writes(
                "batchwright.yaml", "prices:\n  compatible:\n    m: {input: 1000, output: 1000}\n");
        try (var server = Simulator.start(SimulatorOptions.builder().build())) {
            User.Answer stopped = runs(server.baseUrl(), "--max-cost", "0.01");

            assertThat(stopped.code()).isEqualTo(5);
            assertThat(stopped.err())
                    .contains("stopped with 3 of 3 items left")
                    .contains("The budget of $0.0100 is reached")
                    .contains("higher --max-cost");
            assertThat(server.bill().arrived()).isZero();
            assertThat(runs(server.baseUrl(), "--max-cost", "100").code()).isZero();
        }
    }
}
