package dev.batchwright.server.calls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Mode;
import dev.batchwright.simulator.CallListener;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/** A server that is killed with calls waiting, in each phase; its clients come again. */
@Timeout(180)
class KilledServerTest {
    private static final int CALLS = 40;
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir Path directory;
    private Simulator provider = simulator("1s");

    private static Simulator simulator(String batchTime) {
        return Simulator.start(
                SimulatorOptions.builder()
                        .key("sk-test")
                        .eventLoops(1)
                        .timeScale(50)
                        .batchTime(batchTime)
                        .build());
    }

    @AfterEach
    void close() {
        provider.close();
    }

    private ServerProcess server(Duration window, Mode mode) {
        return new ServerProcess(directory, provider.baseUrl(), window, mode);
    }

    /** So many calls were processed by the provider, and nothing of the last answer was sent. */
    private CountDownLatch answers(String path, int count) {
        var answered = new CountDownLatch(count);
        provider.onCall(
                new CallListener() {
                    @Override
                    public void before(String method, String called) {
                        // What counts is that it was processed.
                    }

                    @Override
                    public void answered(String method, String called) {
                        if (method.equals("POST") && called.equals(path)) {
                            answered.countDown();
                        }
                    }
                });
        return answered;
    }

    private static CompletableFuture<HttpResponse<String>> call(
            URI origin, int call, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(origin.resolve(Served.CHAT))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(Served.chat("call " + call)));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static List<CompletableFuture<HttpResponse<String>>> all(
            URI origin, String... headers) {
        return IntStream.range(0, CALLS).mapToObj(i -> call(origin, i, headers)).toList();
    }

    private void eachIsAnsweredAndPaidOnce(URI origin) {
        var answers = all(origin);
        for (int i = 0; i < CALLS; i++) {
            HttpResponse<String> answer = answers.get(i).join();
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("call " + i + "\"");
        }
        assertThat(provider.bill().distinct()).isLessThanOrEqualTo(CALLS);
        assertThat(provider.bill().executed() + provider.bill().executedInBatches())
                .isEqualTo(CALLS);
        assertThat(provider.bill().executedTwiceAnywhere()).isZero();
    }

    @Test
    void while_its_queue_waits_for_others() throws Exception {
        try (ServerProcess first = server(NEVER, Mode.BATCH)) {
            var waiting = all(first.origin());
            all(first.origin(), "Prefer", "respond-async").forEach(CompletableFuture::join);
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            first.kill();
        }
        try (ServerProcess second = server(SHORT, Mode.BATCH)) {
            eachIsAnsweredAndPaidOnce(second.origin());
        }
    }

    @Test
    void while_their_batch_runs() throws Exception {
        provider.close();
        provider = simulator("20m");
        try (ServerProcess first = server(SHORT, Mode.BATCH)) {
            CountDownLatch created = answers("/v1/batches", 1);
            all(first.origin(), "Prefer", "respond-async").forEach(CompletableFuture::join);
            created.await();
            first.kill();
        }
        provider.time().advance(Duration.ofHours(1));
        try (ServerProcess second = server(SHORT, Mode.BATCH)) {
            eachIsAnsweredAndPaidOnce(second.origin());
        }
    }

    @Test
    void when_they_are_answered() throws Exception {
        try (ServerProcess first = server(SHORT, Mode.BATCH)) {
            eachIsAnsweredAndPaidOnce(first.origin());
            first.kill();
        }
        try (ServerProcess second = server(SHORT, Mode.BATCH)) {
            eachIsAnsweredAndPaidOnce(second.origin());
        }
    }

    /** Calls that are at the provider when the process dies are the only ones that may repeat. */
    @Test
    void while_live_calls_come_and_go() throws Exception {
        try (ServerProcess first = server(SHORT, Mode.LIVE)) {
            CountDownLatch begun = answers(Served.CHAT, CALLS / 2);
            all(first.origin());
            begun.await();
            first.kill();
        }
        try (ServerProcess second = server(SHORT, Mode.LIVE)) {
            var answers = all(second.origin());
            for (int i = 0; i < CALLS; i++) {
                assertThat(answers.get(i).join().body()).contains("call " + i + "\"");
            }
        }
        assertThat(provider.bill().executed()).isBetween((long) CALLS, 2L * CALLS);
    }
}
