package dev.batchwright.server.batches;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * A server that is compatible with OpenAI's and has no batches. It answers with the prompt; a
 * prompt with {@code bad} in it is refused. While it is held, nobody gets an answer without a
 * permit.
 */
final class Backend implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The prompts that were answered, or refused. */
    final List<String> answered = new CopyOnWriteArrayList<>();

    private final Semaphore permits = new Semaphore(0);
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean held;

    Backend() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::serve);
        server.setExecutor(threads);
        server.start();
    }

    String baseUrl() {
        return "http://127.0.0.1:%d/v1".formatted(server.getAddress().getPort());
    }

    /** From now on answers need a permit. */
    void hold() {
        held = true;
    }

    void permit(int answers) {
        permits.release(answers);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
            if (held) {
                permits.acquireUninterruptibly();
            }
            boolean messages = exchange.getRequestURI().getPath().endsWith("/messages");
            String prompt = body.path("messages").path(0).path("content").asString("");
            answered.add(prompt);
            boolean bad = prompt.contains("bad");
            String answer =
                    bad
                            ? "{\"error\":{\"message\":\"No.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"no\"}}"
                            : messages ? message(prompt) : completion(prompt);
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(bad ? 400 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String completion(String prompt) {
        return """
        {"id":"chatcmpl-1","object":"chat.completion","created":1790000100,"model":"tiny-2026",\
        "choices":[{"index":0,"message":{"role":"assistant","content":%s,"refusal":null},\
        "logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,\
        "total_tokens":11,"prompt_tokens_details":{"cached_tokens":3},\
        "completion_tokens_details":{"reasoning_tokens":1}}}\
        """
                .formatted(JSON.writeValueAsString(prompt));
    }

    private static String message(String prompt) {
        return """
        {"id":"msg_1","type":"message","role":"assistant","model":"tiny-2026","content":[{"type":\
        "text","text":%s}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":9,\
        "output_tokens":2}}\
        """
                .formatted(JSON.writeValueAsString(prompt));
    }

    @Override
    public void close() {
        held = false;
        permits.release(1 << 20);
        server.stop(0);
        threads.close();
    }
}
