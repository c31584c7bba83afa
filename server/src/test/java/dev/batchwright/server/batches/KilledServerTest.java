package dev.batchwright.server.batches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Mode;
import dev.batchwright.server.ServerProcess;
import dev.batchwright.server.UploadForm;
import dev.batchwright.workbench.Way;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
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
    private static final int ITEMS = 1_500;
    private static final int AT_ONCE = 100;
    private static final int KILLS = 4;
    private static final int TORN = 5_000_000;

    @TempDir Path directory;

    /** A server that runs. */
    private final class Running implements AutoCloseable {
        final ServerProcess process;

        Running(Backend backend) throws IOException {
            process =
                    ServerProcess.start(
                            new ServerProcess.Setting(
                                    directory,
                                    Way.COMPATIBLE,
                                    backend.baseUrl(),
                                    Mode.LIVE,
                                    Duration.ofSeconds(10)));
        }

        String call(String method, String path, String body, String... headers)
                throws IOException, InterruptedException {
            var request =
                    HttpRequest.newBuilder(process.origin().resolve(path))
                            .method(method, HttpRequest.BodyPublishers.ofString(body));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return HTTP.send(request.build(), BodyHandlers.ofString()).body();
        }

        JsonNode batch(String id) throws IOException, InterruptedException {
            return Scene.JSON.readTree(call("GET", "/v1/batches/" + id, ""));
        }

        String create(String lines) throws IOException, InterruptedException {
            String form = UploadForm.of(lines);
            String file =
                    Scene.JSON
                            .readTree(
                                    call(
                                            "POST",
                                            "/v1/files",
                                            form,
                                            "content-type",
                                            UploadForm.TYPE))
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

        /** Half of an upload, as long as the socket is open. */
        Socket upload() throws IOException {
            var client = new Socket(InetAddress.getLoopbackAddress(), process.origin().getPort());
            client.getOutputStream()
                    .write(
                            String.join(
                                            "\r\n",
                                            "POST /v1/files HTTP/1.1",
                                            "host: localhost",
                                            "content-length: " + 2 * TORN,
                                            "content-type: multipart/form-data; boundary=b",
                                            "",
                                            "--b",
                                            "content-disposition: form-data; name=\"file\";"
                                                    + " filename=\"a\"",
                                            "",
                                            "x".repeat(TORN))
                                    .getBytes(StandardCharsets.US_ASCII));
            return client;
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

        @Override
        public void close() throws InterruptedException {
            process.kill();
        }
    }

    private static int completed(JsonNode batch) {
        return batch.path("request_counts").path("completed").asInt();
    }

    private static boolean hasStatus(JsonNode batch, String status) {
        return batch.path("status").asString().equals(status);
    }

    private long uploaded() {
        try (var files = Files.list(directory.resolve("jobs.db-segments/files"))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    @Timeout(300)
    void a_batch_goes_on_wherever_it_was_and_half_an_upload_leaves_nothing() throws Exception {
        Files.writeString(
                directory.resolve("batchwright.yaml"),
                "providers: {compatible: {concurrency: %d}}".formatted(AT_ONCE));
        String lines = Scene.lines(ITEMS);
        try (var backend = new Backend()) {
            backend.hold();
            String id;
            // While a file is uploaded; while the input is read, or just before or behind that.
            try (var server = new Running(backend);
                    var upload = server.upload()) {
                Scene.until("bytes of the upload", () -> uploaded() > TORN / 5);
                id = server.create(lines);
                server.process.kill();
            }
            // While it runs, again and again.
            for (int round = 1; round < KILLS - 1; round++) {
                try (var server = new Running(backend)) {
                    Scene.until("the sweep", () -> uploaded() == lines.length());
                    backend.permit(700);
                    int enough = round * 500;
                    server.until(id, batch -> completed(batch) >= enough);
                }
            }
            backend.permit(10 * ITEMS);
            // When all is done, and results are being written.
            try (var server = new Running(backend)) {
                server.until(
                        id, batch -> completed(batch) == ITEMS || !hasStatus(batch, "in_progress"));
            }
            try (var server = new Running(backend)) {
                JsonNode over = server.until(id, batch -> hasStatus(batch, "completed"));
                assertThat(completed(over)).isEqualTo(ITEMS);
                List<String> ids =
                        server.call(
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
                assertThat(
                                Scene.JSON
                                        .readTree(server.call("GET", "/v1/files?purpose=batch", ""))
                                        .path("data")
                                        .size())
                        .isEqualTo(1);
                // At most the calls that were in flight at a kill are made again.
                assertThat(new HashSet<>(backend.answered)).hasSize(ITEMS);
                assertThat(backend.answered.size()).isLessThan(ITEMS + KILLS * AT_ONCE);
            }
        }
    }
}
