package dev.batchwright.server.batches;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A real server, killed without warning wherever a batch can be. */
class KilledServerTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int ITEMS = 3_000;

    @TempDir Path directory;

    /** A server that runs. */
    private final class Running implements AutoCloseable {
        final Process process;
        final URI origin;

        Running(Backend backend) throws IOException {
            process = ServingProcess.start(directory, backend.baseUrl());
            origin = URI.create(process.inputReader().readLine());
        }

        String call(String method, String path, String body, String... headers)
                throws IOException, InterruptedException {
            var request =
                    HttpRequest.newBuilder(origin.resolve(path))
                            .method(method, HttpRequest.BodyPublishers.ofString(body));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return HTTP.send(request.build(), BodyHandlers.ofString()).body();
        }

        JsonNode batch(String id) throws IOException, InterruptedException {
            return Scene.JSON.readTree(call("GET", "/v1/batches/" + id, ""));
        }

        String create() throws IOException, InterruptedException {
            String form =
                    String.join(
                            "\r\n",
                            "--b",
                            "content-disposition: form-data; name=\"purpose\"",
                            "",
                            "batch",
                            "--b",
                            "content-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"",
                            "",
                            Scene.lines(ITEMS),
                            "--b--",
                            "");
            String file =
                    Scene.JSON
                            .readTree(
                                    call(
                                            "POST",
                                            "/v1/files",
                                            form,
                                            "content-type",
                                            "multipart/form-data; boundary=b"))
                            .path("id")
                            .asString();
            return Scene.JSON
                    .readTree(
                            call(
                                    "POST",
                                    "/v1/batches",
                                    "{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}"
                                            .formatted(file)))
                    .path("id")
                    .asString();
        }

        JsonNode until(String id, Predicate<JsonNode> condition)
                throws IOException, InterruptedException {
            while (true) {
                JsonNode batch = batch(id);
                if (condition.test(batch)) {
                    return batch;
                }
                LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
            }
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        @Override
        public void close() throws InterruptedException {
            kill();
        }
    }

    private static boolean isOver(JsonNode batch) {
        return batch.path("status").asString().equals("completed");
    }

    @Test
    @Timeout(120)
    void an_upload_leaves_nothing() throws Exception {
        try (var backend = new Backend()) {
            var killed = new Running(backend);
            try (var client =
                    new Socket(InetAddress.getLoopbackAddress(), killed.origin.getPort())) {
                client.getOutputStream()
                        .write(
                                String.join(
                                                "\r\n",
                                                "POST /v1/files HTTP/1.1",
                                                "host: x",
                                                "content-length: 9000000",
                                                "content-type: multipart/form-data; boundary=b",
                                                "",
                                                "--b",
                                                "content-disposition: form-data; name=\"file\";"
                                                        + " filename=\"a\"",
                                                "",
                                                "x".repeat(5_000_000))
                                        .getBytes(StandardCharsets.US_ASCII));
                Path files = directory.resolve("jobs.db-segments/files");
                Scene.until("bytes of the file", () -> size(files) > 1_000_000);
                killed.kill();
            }
            try (var next = new Running(backend)) {
                Scene.until(
                        "the sweep", () -> size(directory.resolve("jobs.db-segments/files")) == 0);
                assertThat(next.call("GET", "/v1/files", "")).contains("\"data\":[]");
            }
        }
    }

    private static long size(Path directory) {
        try (var files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    @Timeout(300)
    void a_batch_goes_on_wherever_it_was_and_its_requests_are_paid_for_once() throws Exception {
        try (var backend = new Backend()) {
            backend.hold();
            var server = new Running(backend);
            String id = server.create();
            // While its input is read, or just before or behind that.
            server.kill();
            server = new Running(backend);
            server.until(id, batch -> batch.path("status").asString().equals("in_progress"));
            server.kill();
            // While it runs, again and again.
            server = new Running(backend);
            for (int round = 1; round <= 3; round++) {
                backend.permit(700);
                int enough = round * 500;
                server.until(
                        id,
                        batch -> batch.path("request_counts").path("completed").asInt() >= enough);
                server.kill();
                server = new Running(backend);
            }
            backend.permit(10 * ITEMS);
            // When all is done, and results are being written.
            server.until(
                    id,
                    batch ->
                            batch.path("request_counts").path("completed").asInt() == ITEMS
                                    || !batch.path("status").asString().equals("in_progress"));
            server.kill();
            server = new Running(backend);
            try (var last = server) {
                JsonNode over = last.until(id, KilledServerTest::isOver);
                assertThat(over.path("request_counts").path("completed").asInt()).isEqualTo(ITEMS);
                List<String> ids =
                        last.call(
                                        "GET",
                                        "/v1/files/%s/content"
                                                .formatted(over.path("output_file_id").asString()),
                                        "")
                                .lines()
                                .map(line -> Scene.JSON.readTree(line).path("custom_id").asString())
                                .toList();
                assertThat(ids)
                        .containsExactlyElementsOf(
                                IntStream.range(0, ITEMS).mapToObj(i -> "r" + i).toList());
                assertThat(over.path("error_file_id").isNull()).isTrue();
                // At most the calls that were in flight at a kill are made again.
                assertThat(new HashSet<>(backend.answered)).hasSize(ITEMS);
                assertThat(backend.answered.size()).isLessThan(ITEMS + 5 * 1_000);
            }
        }
    }
}
