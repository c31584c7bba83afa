package dev.batchwright.server.batches;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.core.http.HttpResponse;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;

import dev.batchwright.server.Server;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A server in front of a backend, and the official SDK as its client. */
final class Scene implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Workbench workbench;
    final Server server;
    final OpenAIClient client;

    Scene(Path directory, Map<String, String> variables, ServerOptions options)
            throws InterruptedException {
        workbench =
                Workbench.open(
                        new Workbench.Settings(
                                variables,
                                directory,
                                directory,
                                Optional.of(directory.resolve("jobs.db").toString()),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
        server =
                Server.start(
                        workbench,
                        options,
                        new EventLog(
                                Clock.systemUTC(),
                                new PrintStream(
                                        new ByteArrayOutputStream(),
                                        true,
                                        StandardCharsets.UTF_8)));
        client =
                OpenAIOkHttpClient.builder()
                        .baseUrl(server.origin() + "/v1")
                        .apiKey("any")
                        .maxRetries(0)
                        .build();
    }

    /** Before the echo. */
    static ServerOptions echo() {
        return at(new Way.Said(Optional.of("echo"), Optional.empty(), Optional.empty()));
    }

    /** Before a server of the user's own. */
    static ServerOptions before(Backend backend) {
        return at(new Way.Said(Optional.empty(), Optional.of(backend.baseUrl()), Optional.empty()));
    }

    static ServerOptions at(Way.Said backend) {
        return ServerOptions.STANDARD.at(new ServerOptions.Listen("127.0.0.1", 0)).before(backend);
    }

    /** The line of a request that asks this. */
    static String line(String id, String prompt) {
        return """
        {"custom_id":"%s","method":"POST","url":"/v1/chat/completions","body":{"model":"tiny","messages":[{"role":"user","content":"%s"}]}}
        """
                .formatted(id, prompt);
    }

    static String lines(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> line("r" + i, "prompt " + i))
                .collect(Collectors.joining());
    }

    FileObject upload(String text) {
        return client.files()
                .create(
                        FileCreateParams.builder()
                                .purpose(FilePurpose.BATCH)
                                .file(
                                        MultipartField.<InputStream>builder()
                                                .value(
                                                        new ByteArrayInputStream(
                                                                text.getBytes(
                                                                        StandardCharsets.UTF_8)))
                                                .filename("in \"put\".jsonl")
                                                .build())
                                .build());
    }

    static BatchCreateParams order(String input) {
        return ordered(input).build();
    }

    static BatchCreateParams.Builder ordered(String input) {
        return BatchCreateParams.builder()
                .inputFileId(input)
                .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                .completionWindow(BatchCreateParams.CompletionWindow._24H);
    }

    Batch create(String text) {
        return client.batches().create(order(upload(text).id()));
    }

    Batch ended(Batch batch) {
        until(
                "the end of " + batch.id(),
                () ->
                        List.of("completed", "failed", "expired", "cancelled")
                                .contains(status(batch.id())));
        return client.batches().retrieve(batch.id());
    }

    String status(String batch) {
        return client.batches().retrieve(batch).status().asString();
    }

    /** Waits, as clients of this API have to. */
    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("Waited in vain for " + what);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    String text(String file) {
        try (HttpResponse content = client.files().content(file);
                InputStream body = content.body()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    List<JsonNode> rows(String file) {
        return text(file).lines().map(JSON::readTree).toList();
    }

    java.net.http.HttpResponse<String> call(
            String method, String path, String body, String... headers) {
        var request =
                HttpRequest.newBuilder(URI.create(server.origin() + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("content-type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    JsonNode json(String method, String path, String body, String... headers) {
        return JSON.readTree(call(method, path, body, headers).body());
    }

    @Override
    public void close() {
        client.close();
        server.close();
        workbench.close();
    }
}
