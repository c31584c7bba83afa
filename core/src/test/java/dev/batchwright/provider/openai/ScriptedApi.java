package dev.batchwright.provider.openai;

import dev.batchwright.config.Environment;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.Proxies;
import dev.batchwright.http.ScriptedServer;
import dev.batchwright.http.ScriptedServer.Received;
import dev.batchwright.provider.BaseUrl;
import dev.batchwright.provider.Key;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * An API on loopback that answers what it was told to: by method and path, one answer after the
 * other, the last one again and again. What it was not told is 404.
 */
public final class ScriptedApi implements AutoCloseable {
    /** What one call gets; a status of 0 breaks the connection. */
    public record Scripted(int status, String body, List<String> headers) {}

    private static final String NOT_THERE =
            "{\"error\":{\"message\":\"no such thing\",\"type\":\"t\"}}";

    private final Map<String, ConcurrentLinkedDeque<Scripted>> answers = new ConcurrentHashMap<>();
    private final ScriptedServer server;
    private final HttpClient http = new HttpClient(Proxies.of(Environment.of(Map.of())));

    public ScriptedApi() throws IOException {
        server =
                new ScriptedServer(
                        (request, socket) -> {
                            Scripted answer = answer(request);
                            if (answer.status() == 0) {
                                ScriptedServer.reset(socket);
                            } else {
                                ScriptedServer.write(
                                        socket,
                                        answer.status() + " Status",
                                        answer.body(),
                                        answer.headers().toArray(String[]::new));
                            }
                        });
    }

    private Scripted answer(Received request) {
        String[] line = request.requestLine().split(" ", -1);
        ConcurrentLinkedDeque<Scripted> told = answers.get(line[0] + " " + line[1]);
        if (told == null) {
            return new Scripted(404, NOT_THERE, List.of());
        }
        return told.size() > 1 ? told.removeFirst() : told.getFirst();
    }

    /**
     * @param call {@code POST /v1/batches}, with the query
     * @param body with {@code '} for quotation marks
     */
    public ScriptedApi on(String call, int status, String body, String... headers) {
        answers.computeIfAbsent(call, c -> new ConcurrentLinkedDeque<>())
                .add(new Scripted(status, body.replace('\'', '"'), List.of(headers)));
        return this;
    }

    public String origin() {
        return server.origin();
    }

    public Queue<Received> received() {
        return server.received;
    }

    /** The body of the last call to this path. */
    public String sent(String call) {
        return server.received.stream()
                .filter(request -> request.requestLine().startsWith(call + " "))
                .reduce((first, second) -> second)
                .orElseThrow()
                .body();
    }

    /** A member of the family that is reached here. */
    public OpenAiProvider provider(String name, String path) {
        return providerAt(name, origin() + path);
    }

    OpenAiProvider providerAt(String name, String baseUrl) {
        OpenAiApi api = OpenAiApi.named(name).orElseThrow();
        return new OpenAiProvider(
                api,
                BaseUrl.parse(baseUrl, ""),
                Optional.of(new Key("KEY", "k")),
                Map.of(),
                http,
                Clock.systemUTC());
    }

    @Override
    public void close() throws IOException {
        http.close();
        server.close();
    }
}
