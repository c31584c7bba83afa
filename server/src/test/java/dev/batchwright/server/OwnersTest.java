package dev.batchwright.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.workbench.Way;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** What was made with one key is not there for another, whatever it asks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class OwnersTest {
    private static final String MINE = "bw-mine-0123456789";
    private static final String THEIRS = "bw-theirs-0123456789";
    private static final String BOSS = "bw-boss-0123456789";
    private static final String KEYS =
            """
            serve:
              keys:
                mine: {env: MINE, scopes: [calls, batches]}
                theirs: {env: THEIRS, scopes: [calls, batches]}
                boss: {env: BOSS, scopes: [admin]}
            """;
    private static final String CHAT =
            "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}";

    private Served served;

    @BeforeAll
    void start(@TempDir Path directory) throws InterruptedException {
        served =
                new Served(
                        directory,
                        Map.of("MINE", MINE, "THEIRS", THEIRS, "BOSS", BOSS),
                        KEYS,
                        options ->
                                options.before(
                                        new Way.Said(
                                                Optional.of("echo"),
                                                Optional.empty(),
                                                Optional.empty())),
                        context -> List.of());
    }

    @AfterAll
    void stop() {
        served.close();
    }

    private HttpResponse<String> send(
            String key, String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        return served.send(
                served.request(path, headers)
                        .header("authorization", "Bearer " + key)
                        .method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    private JsonNode json(String key, String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = send(key, method, path, body, headers);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private int status(String key, String method, String path)
            throws IOException, InterruptedException {
        return send(key, method, path, "").statusCode();
    }

    private void isThereForMeAlone(String path) throws IOException, InterruptedException {
        assertThat(status(THEIRS, "GET", path)).as(path).isEqualTo(404);
        assertThat(status(MINE, "GET", path)).as(path).isEqualTo(200);
    }

    private String upload(String key) throws IOException, InterruptedException {
        String line =
                "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":%s}"
                        .formatted(CHAT.formatted("mine"));
        String form = UploadForm.of(line);
        return json(key, "POST", "/v1/files", form, "content-type", UploadForm.TYPE)
                .path("id")
                .asString();
    }

    private JsonNode create(String key, String file) throws IOException, InterruptedException {
        return json(
                key,
                "POST",
                "/v1/batches",
                "{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}"
                        .formatted(file));
    }

    private JsonNode until(String path, String member, String value)
            throws IOException, InterruptedException {
        while (true) {
            JsonNode now = json(MINE, "GET", path, "");
            if (now.path(member).asString().equals(value)) {
                return now;
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private void listsNothing(String path) throws IOException, InterruptedException {
        assertThat(json(THEIRS, "GET", path, "").path("data").size()).as(path).isZero();
        assertThat(json(MINE, "GET", path, "").path("data").size()).as(path).isPositive();
    }

    @Test
    void files_batches_and_their_results() throws Exception {
        String file = upload(MINE);
        String batch = create(MINE, file).path("id").asString();
        JsonNode ended = until("/v1/batches/" + batch, "status", "completed");
        String results = ended.path("output_file_id").asString();

        for (String id : List.of(file, results)) {
            isThereForMeAlone("/v1/files/" + id);
            isThereForMeAlone("/v1/files/%s/content".formatted(id));
            assertThat(status(THEIRS, "DELETE", "/v1/files/" + id)).isEqualTo(404);
        }
        isThereForMeAlone("/v1/batches/" + batch);
        assertThat(status(THEIRS, "POST", "/v1/batches/%s/cancel".formatted(batch))).isEqualTo(404);
        listsNothing("/v1/files");
        listsNothing("/v1/batches");
        assertThat(status(THEIRS, "GET", "/v1/files?after=" + file)).isEqualTo(400);
        assertThat(status(THEIRS, "GET", "/v1/batches?after=" + batch)).isEqualTo(400);
        // Nor is it input for another's batch; who runs the server sees it.
        JsonNode theirs = create(THEIRS, file);
        assertThat(theirs.path("status").asString()).isEqualTo("failed");
        assertThat(theirs.at("/errors/data/0/message").asString()).contains("input file");
        assertThat(status(BOSS, "GET", "/v1/batches/" + batch)).isEqualTo(200);
    }

    @Test
    void message_batches() throws Exception {
        String path = "/v1/messages/batches";
        String body =
                "{\"requests\":[{\"custom_id\":\"a\",\"params\":{\"model\":\"echo\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}}]}";
        String batch = path + "/" + json(MINE, "POST", path, body).path("id").asString();
        until(batch, "processing_status", "ended");
        isThereForMeAlone(batch);
        isThereForMeAlone(batch + "/results");
        assertThat(status(THEIRS, "POST", batch + "/cancel")).isEqualTo(404);
        assertThat(status(THEIRS, "DELETE", batch)).isEqualTo(404);
        listsNothing(path);
    }

    @Test
    void calls_and_responses_in_the_background() throws Exception {
        String chat = "/v1/chat/completions";
        HttpResponse<String> accepted =
                send(MINE, "POST", chat, CHAT.formatted("later"), "Prefer", "respond-async");
        assertThat(accepted.statusCode()).isEqualTo(202);
        String call = accepted.headers().firstValue("Location").orElseThrow();
        String[] key = {"Idempotency-Key", "the same"};
        json(MINE, "POST", chat, CHAT.formatted("later"), key);
        isThereForMeAlone(call);

        String responses = "/v1/responses";
        String body = "{\"model\":\"echo\",\"input\":\"later\",\"background\":true}";
        String response =
                "/v1/responses/" + json(MINE, "POST", responses, body).path("id").asString();
        isThereForMeAlone(response);
        assertThat(status(THEIRS, "POST", response + "/cancel")).isEqualTo(404);

        // The same words, and the same Idempotency-Key, are another call of another key.
        HttpResponse<String> theirs = send(THEIRS, "POST", chat, CHAT.formatted("later"), key);
        assertThat(theirs.headers().firstValue("Batchwright-Cached")).hasValue("false");
        HttpResponse<String> mine = send(MINE, "POST", chat, CHAT.formatted("later"), key);
        assertThat(mine.headers().firstValue("Batchwright-Cached")).hasValue("true");
    }
}
