package dev.batchwright.server.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.models.messages.batches.BatchCreateParams;
import com.anthropic.models.messages.batches.BatchListParams;
import com.anthropic.models.messages.batches.MessageBatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Anthropic's message batches, with the official SDK and by hand. */
class MessageBatchesTest {
    private static final String PATH = "/v1/messages/batches";

    @TempDir Path directory;

    private Scene before(Backend backend) throws InterruptedException {
        return new Scene(directory, Map.of(), Scene.before(backend));
    }

    private static AnthropicClient client(Scene scene) {
        return AnthropicOkHttpClient.builder()
                .baseUrl(scene.server.origin().toString())
                .apiKey("any")
                .maxRetries(0)
                .build();
    }

    private static BatchCreateParams.Request request(String id, String prompt) {
        return BatchCreateParams.Request.builder()
                .customId(id)
                .params(
                        BatchCreateParams.Request.Params.builder()
                                .model("tiny")
                                .maxTokens(5)
                                .addUserMessage(prompt)
                                .build())
                .build();
    }

    private static MessageBatch ended(AnthropicClient client, MessageBatch batch) {
        Scene.until(
                "the end of " + batch.id(),
                () ->
                        client.messages()
                                .batches()
                                .retrieve(batch.id())
                                .processingStatus()
                                .equals(MessageBatch.ProcessingStatus.ENDED));
        return client.messages().batches().retrieve(batch.id());
    }

    /** The results by the ids of their requests. */
    private static JsonNode results(Scene scene, MessageBatch batch) {
        ObjectNode all = Scene.JSON.createObjectNode();
        scene.call("GET", PATH + "/" + batch.id() + "/results", "")
                .body()
                .lines()
                .map(Scene.JSON::readTree)
                .forEach(row -> all.set(row.path("custom_id").asString(), row.path("result")));
        return all;
    }

    @Test
    void requests_come_to_results_of_their_kind() throws Exception {
        try (var backend = new Backend();
                Scene scene = before(backend)) {
            AnthropicClient client = client(scene);
            MessageBatch created =
                    client.messages()
                            .batches()
                            .create(
                                    BatchCreateParams.builder()
                                            .requests(
                                                    List.of(
                                                            request("a", "hello"),
                                                            request("b", "bad")))
                                            .build());
            assertThat(created.processingStatus())
                    .isEqualTo(MessageBatch.ProcessingStatus.IN_PROGRESS);
            assertThat(created.resultsUrl()).isEmpty();
            MessageBatch batch = ended(client, created);
            assertThat(batch.requestCounts().succeeded()).isEqualTo(1);
            assertThat(batch.requestCounts().errored()).isEqualTo(1);
            assertThat(batch.requestCounts().processing()).isZero();
            assertThat(batch.endedAt()).isPresent();
            assertThat(batch.resultsUrl())
                    .contains(scene.server.origin() + PATH + "/" + batch.id() + "/results");
            try (var stream = client.messages().batches().resultsStreaming(batch.id())) {
                assertThat(stream.stream())
                        .extracting(row -> row.customId(), row -> row.result().isSucceeded())
                        .containsExactly(
                                org.assertj.core.api.Assertions.tuple("a", true),
                                org.assertj.core.api.Assertions.tuple("b", false));
            }
            JsonNode rows = results(scene, batch);
            assertThat(rows.path("a").at("/message/content/0/text").asString()).isEqualTo("hello");
            assertThat(rows.path("b").at("/error/error/type").asString())
                    .isEqualTo("invalid_request_error");
            assertThat(rows.path("b").at("/error/error/message").asString()).isEqualTo("No.");
            assertThat(scene.json("GET", "/v1/files", "").path("data").size()).isZero();
            client.messages().batches().delete(batch.id());
            assertThatThrownBy(() -> client.messages().batches().retrieve(batch.id()))
                    .isInstanceOf(NotFoundException.class);
        }
    }

    @Test
    void a_request_that_cannot_be_sent_spoils_none_of_the_others() throws Exception {
        try (var backend = new Backend();
                Scene scene = before(backend)) {
            String body =
                    """
                    {"requests":[{"custom_id":"a","params":{"model":"m","messages":[]}},
                     {"custom_id":"b","params":{"model":"m","max_tokens":1,
                      "messages":[{"role":"user","content":"hi"}]}}]}
                    """;
            JsonNode created = scene.json("POST", PATH, body);
            AnthropicClient client = client(scene);
            MessageBatch batch =
                    ended(
                            client,
                            client.messages().batches().retrieve(created.path("id").asString()));
            JsonNode rows = results(scene, batch);
            assertThat(rows.path("a").path("type").asString()).isEqualTo("errored");
            assertThat(rows.path("a").at("/error/error/message").asString())
                    .isEqualTo("max_tokens: Field required");
            assertThat(rows.path("b").path("type").asString()).isEqualTo("succeeded");
            String none = body.replaceAll("\"max_tokens\":1,", "");
            MessageBatch refused =
                    ended(
                            client,
                            client.messages()
                                    .batches()
                                    .retrieve(
                                            scene.json("POST", PATH, none).path("id").asString()));
            assertThat(refused.requestCounts().errored()).isEqualTo(2);
            assertThat(results(scene, refused)).hasSize(2);
        }
    }

    @Test
    void what_is_wrong_as_a_whole_is_refused_at_once() throws Exception {
        try (var backend = new Backend();
                Scene scene = before(backend)) {
            for (String body :
                    List.of(
                            "{",
                            "{\"requests\":[]}",
                            "{\"requests\":[{\"custom_id\":\"a b\",\"params\":{}}]}",
                            "{\"requests\":[{\"custom_id\":\"a\",\"params\":{}},{\"custom_id\":\"a\",\"params\":{}}]}")) {
                var answer = scene.call("POST", PATH, body);
                assertThat(answer.statusCode()).isEqualTo(400);
                assertThat(answer.body()).contains("\"type\":\"error\"", "invalid_request_error");
            }
            assertThat(scene.json("GET", PATH, "").path("data").size()).isZero();
        }
    }

    @Test
    void cancelled_ones_say_what_was_not_done() throws Exception {
        try (var backend = new Backend();
                Scene scene = before(backend)) {
            AnthropicClient client = client(scene);
            backend.hold();
            backend.permit(1);
            MessageBatch batch =
                    client.messages()
                            .batches()
                            .create(
                                    BatchCreateParams.builder()
                                            .requests(
                                                    IntStream.range(0, 300)
                                                            .mapToObj(
                                                                    i -> request("r" + i, "p" + i))
                                                            .toList())
                                            .build());
            Scene.until("an answer", () -> backend.answered.size() == 1);
            assertThatThrownBy(() -> client.messages().batches().delete(batch.id()))
                    .isInstanceOf(BadRequestException.class);
            assertThat(scene.call("GET", PATH + "/" + batch.id() + "/results", "").statusCode())
                    .isEqualTo(404);
            assertThat(client.messages().batches().cancel(batch.id()).processingStatus())
                    .isEqualTo(MessageBatch.ProcessingStatus.CANCELING);
            backend.permit(1_000);
            MessageBatch over = ended(client, batch);
            assertThat(over.cancelInitiatedAt()).isPresent();
            assertThat(over.requestCounts().succeeded() + over.requestCounts().canceled())
                    .isEqualTo(300);
            assertThat(results(scene, over)).hasSize(300);
        }
    }

    @Test
    void they_are_listed_newest_first_both_ways() throws Exception {
        try (var backend = new Backend();
                Scene scene = before(backend)) {
            AnthropicClient client = client(scene);
            List<String> ids =
                    IntStream.range(0, 5)
                            .mapToObj(
                                    i ->
                                            client.messages()
                                                    .batches()
                                                    .create(
                                                            BatchCreateParams.builder()
                                                                    .requests(
                                                                            List.of(
                                                                                    request(
                                                                                            "a",
                                                                                            "p"
                                                                                                    + i)))
                                                                    .build())
                                                    .id())
                            .toList()
                            .reversed();
            assertThat(
                            client
                                    .messages()
                                    .batches()
                                    .list(BatchListParams.builder().limit(2).build())
                                    .autoPager()
                                    .stream()
                                    .map(MessageBatch::id)
                                    .toList())
                    .isEqualTo(ids);
            JsonNode before = scene.json("GET", PATH + "?limit=2&before_id=" + ids.get(4), "");
            assertThat(before.path("first_id").asString()).isEqualTo(ids.get(2));
            assertThat(before.path("last_id").asString()).isEqualTo(ids.get(3));
            assertThat(before.path("has_more").asBoolean()).isTrue();
        }
    }
}
