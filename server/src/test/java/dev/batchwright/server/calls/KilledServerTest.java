package dev.batchwright.server.calls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Mode;
import dev.batchwright.server.ServerProcess;
import dev.batchwright.simulator.CallListener;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
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
    private static final String[] LATER = {"Prefer", "respond-async"};
    private static final String[] LIVE = {"Batchwright-Mode", "live"};
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir Path directory;
    private final Simulator provider =
            Simulator.start(
                    SimulatorOptions.builder()
                            .key("sk-test")
                            .eventLoops(1)
                            .timeScale(50)
                            .batchTime("20m")
                            .build());

    @AfterEach
    void close() {
        provider.close();
    }

    private ServerProcess server(Duration window) throws IOException {
        return ServerProcess.start(
                new ServerProcess.Setting(
                        directory, "openai", provider.baseUrl(), Mode.BATCH, window));
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
            ServerProcess server, String prompt, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.origin().resolve(Served.CHAT))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(Served.chat(prompt)));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static List<CompletableFuture<HttpResponse<String>>> all(
            ServerProcess server, String kind, String... headers) {
        return IntStream.range(0, CALLS)
                .mapToObj(i -> call(server, kind + " " + i, headers))
                .toList();
    }

    private static void eachIsAnswered(ServerProcess server, String kind, String... headers) {
        var answers = all(server, kind, headers);
        for (int i = 0; i < CALLS; i++) {
            HttpResponse<String> answer = answers.get(i).join();
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("%s %d\"".formatted(kind, i));
        }
    }

    private void eachIsPaidOnce() {
        assertThat(provider.bill().executed()).isZero();
        assertThat(provider.bill().executedInBatches()).isEqualTo(CALLS);
        assertThat(provider.bill().executedTwiceAnywhere()).isZero();
    }

    @Test
    void each_call_is_answered_and_paid_once_whenever_its_server_was_killed() throws Exception {
        // While the queue waits for others.
        try (ServerProcess server = server(NEVER)) {
            var waiting = all(server, "call");
            all(server, "call", LATER).forEach(CompletableFuture::join);
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            server.kill();
        }
        // While their batch runs.
        CountDownLatch created = answers("/v1/batches", 1);
        try (ServerProcess server = server(SHORT)) {
            all(server, "call", LATER).forEach(CompletableFuture::join);
            created.await();
            server.kill();
        }
        // When they are answered.
        provider.time().advance(Duration.ofHours(1));
        try (ServerProcess server = server(SHORT)) {
            eachIsAnswered(server, "call");
            eachIsPaidOnce();
            server.kill();
        }
        try (ServerProcess server = server(SHORT)) {
            eachIsAnswered(server, "call");
            eachIsPaidOnce();

            // While live calls come and go: those at the provider then are the only ones that may
            // be made again.
            CountDownLatch begun = answers(Served.CHAT, CALLS / 2);
            all(server, "live call", LIVE);
            begun.await();
            server.kill();
        }
        try (ServerProcess server = server(SHORT)) {
            eachIsAnswered(server, "live call", LIVE);
        }
        assertThat(provider.bill().executed()).isBetween((long) CALLS, 2L * CALLS);
        assertThat(provider.bill().executedInBatches()).isEqualTo(CALLS);
    }
}
