package dev.batchwright.server.calls;

import dev.batchwright.server.Server;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** A server in front of a provider whose batches take a blink, and its clients. */
final class Served implements AutoCloseable {
    static final String CHAT = "/v1/chat/completions";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    final Simulator provider;
    private final ByteArrayOutputStream events = new ByteArrayOutputStream();
    private final Path directory;
    private final ServerOptions.Batching batching;
    private final UnaryOperator<ServerOptions> setting;
    private @Nullable Workbench workbench;
    private @Nullable Server server;

    Served(
            Path directory,
            Duration window,
            UnaryOperator<SimulatorOptions.Builder> simulated,
            UnaryOperator<ServerOptions> setting) {
        this.directory = directory;
        this.setting = setting;
        this.provider =
                Simulator.start(
                        simulated
                                .apply(
                                        SimulatorOptions.builder()
                                                .key("sk-test")
                                                .eventLoops(1)
                                                .timeScale(50))
                                .build());
        this.batching =
                new ServerOptions.Batching(
                        1_000,
                        window,
                        Optional.of(Duration.ofMillis(20)),
                        Optional.empty(),
                        Map.of(),
                        true);
        start();
    }

    /** Starts the server, again if it was stopped. */
    void start() {
        var bench =
                Workbench.open(
                        new Workbench.Settings(
                                Map.of("OPENAI_API_KEY", "sk-test"),
                                directory,
                                directory,
                                Optional.of(directory.resolve("jobs.db").toString()),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
        workbench = bench;
        ServerOptions options =
                setting.apply(
                        ServerOptions.STANDARD
                                .at(new ServerOptions.Listen("127.0.0.1", 0))
                                .before(
                                        new Way.Said(
                                                Optional.of("openai"),
                                                Optional.of(provider.baseUrl()),
                                                Optional.empty()))
                                .batching(batching));
        try {
            server =
                    Server.start(
                            bench,
                            options,
                            new EventLog(
                                    Clock.systemUTC(),
                                    new PrintStream(events, true, StandardCharsets.UTF_8)));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends it as an operator would. */
    void stop() {
        Server running = server;
        server = null;
        if (running != null) {
            running.close();
        }
        Workbench open = workbench;
        workbench = null;
        if (open != null) {
            open.close();
        }
    }

    private Server running() {
        Server running = server;
        if (running == null) {
            throw new IllegalStateException("The server was stopped.");
        }
        return running;
    }

    /** What it wrote on its standard output, so to say. */
    List<String> events() {
        return events.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** How many requests the provider has on its bill. */
    long paid() {
        return provider.bill().executed() + provider.bill().executedInBatches();
    }

    static String chat(String prompt) {
        return chat(prompt, "");
    }

    static String chat(String prompt, String more) {
        return "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
                .formatted(prompt, more);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(running().origin().resolve(path))
                .header("content-type", "application/json");
    }

    /**
     * @param headers name, value, name, value ...
     */
    CompletableFuture<HttpResponse<String>> post(String path, String body, String... headers) {
        HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Override
    public void close() {
        stop();
        provider.close();
    }
}
