package dev.batchwright.server.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.batches.BatchError;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FileObject;

import dev.batchwright.contract.OpenAiContract;
import dev.batchwright.server.edge.Limits;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.store.HostedBatch.Layout;
import dev.batchwright.workbench.Way;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Files and batches, with the official SDK and by hand. */
@SuppressWarnings("ClassCanBeStatic")
class BatchApiTest {
    @TempDir Path directory;

    private Scene echo() throws InterruptedException {
        return new Scene(directory, Map.of(), Scene.echo());
    }

    private Scene before(Backend backend) throws InterruptedException {
        return new Scene(directory, Map.of(), Scene.before(backend));
    }

    private static Limits small() {
        Limits usual = Limits.STANDARD;
        return new Limits(
                usual.bodyBytes(),
                1_000,
                usual.openRequests(),
                usual.streams(),
                usual.patience(),
                usual.idle());
    }

    private static String part(String name, String content) {
        return "--b\r\ncontent-disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                .formatted(name, content);
    }

    private static List<String> problems(String schema, JsonNode json) {
        return OpenAiContract.problems(schema, OpenAiContract.withoutNulls(json));
    }

    private static List<String> ids(List<JsonNode> rows) {
        return rows.stream().map(row -> row.path("custom_id").asString()).toList();
    }

    @Nested
    class Files_of_users {
        @Test
        void are_what_was_uploaded() throws Exception {
            try (Scene scene = echo()) {
                FileObject file = scene.upload("{\"ä\":1}\n");
                assertThat(file.bytes()).isEqualTo(9);
                assertThat(file.filename()).isEqualTo("in \"put\".jsonl");
                assertThat(scene.text(file.id())).isEqualTo("{\"ä\":1}\n");
                assertThat(scene.client.files().retrieve(file.id())).isEqualTo(file);
                assertThat(problems("OpenAIFile", scene.json("GET", "/v1/files/" + file.id(), "")))
                        .isEmpty();
                assertThat(file.expiresAt()).contains(file.createdAt() + 30 * 24 * 3600);
                assertThat(scene.client.files().delete(file.id()).deleted()).isTrue();
                assertThatThrownBy(() -> scene.client.files().retrieve(file.id()))
                        .isInstanceOf(NotFoundException.class);
            }
        }

        @Test
        void are_listed_by_pages_and_purpose() throws Exception {
            try (Scene scene = echo()) {
                var ids =
                        IntStream.range(0, 5)
                                .mapToObj(i -> scene.upload("{}" + " ".repeat(i)).id())
                                .toList();
                var listed =
                        scene
                                .client
                                .files()
                                .list(
                                        FileListParams.builder()
                                                .limit(2)
                                                .order(FileListParams.Order.ASC)
                                                .build())
                                .autoPager()
                                .stream()
                                .map(FileObject::id)
                                .toList();
                assertThat(listed).containsExactlyInAnyOrderElementsOf(ids);
                assertThat(scene.json("GET", "/v1/files?purpose=vision", "").path("data").size())
                        .isZero();
                assertThat(
                                problems(
                                        "ListFilesResponse",
                                        scene.json("GET", "/v1/files?limit=2", "")))
                        .isEmpty();
                assertThat(scene.call("GET", "/v1/files?limit=0", "").statusCode()).isEqualTo(400);
                assertThat(scene.call("GET", "/v1/files?after=file-x", "").statusCode())
                        .isEqualTo(400);
            }
        }

        @Test
        void are_read_in_parts() throws Exception {
            try (Scene scene = echo()) {
                String path = "/v1/files/" + scene.upload("one\ntwo\nthree\n").id() + "/content";
                var part = scene.call("GET", path, "", "range", "bytes=4-6");
                assertThat(part.statusCode()).isEqualTo(206);
                assertThat(part.body()).isEqualTo("two");
                assertThat(part.headers().firstValue("content-range")).contains("bytes 4-6/14");
                assertThat(scene.call("GET", path, "", "range", "bytes=-6").body())
                        .isEqualTo("three\n");
                var beyond = scene.call("GET", path, "", "range", "bytes=14-");
                assertThat(beyond.statusCode()).isEqualTo(416);
                assertThat(beyond.headers().firstValue("content-range")).contains("bytes */14");
                var lines = scene.call("GET", path + "?offset=2", "");
                assertThat(lines.body()).isEqualTo("three\n");
                assertThat(lines.headers().firstValue("X-Incomplete")).contains("false");
                assertThat(lines.headers().firstValue("X-Last-Line")).contains("3");
                assertThat(scene.call("GET", path + "?offset=9", "").body()).isEmpty();
            }
        }

        @Test
        void that_are_no_form_are_refused() throws Exception {
            try (Scene scene = echo()) {
                assertThat(scene.call("POST", "/v1/files", "{}").statusCode()).isEqualTo(400);
                String type = "multipart/form-data; boundary=b";
                for (String body :
                        List.of(
                                "--b\r\n",
                                "--b--\r\n",
                                part("file", "x") + "--b--",
                                part("purpose", "none") + "--b--",
                                part("purpose", "batch") + part("file", "") + "--b--")) {
                    var answer = scene.call("POST", "/v1/files", body, "content-type", type);
                    assertThat(answer.statusCode()).as(body).isEqualTo(400);
                    assertThat(answer.body()).contains("invalid_request_error");
                }
                assertThat(scene.json("GET", "/v1/files", "").path("data").size()).isZero();
                try (var kept = Files.list(directory.resolve("jobs.db-segments/files"))) {
                    assertThat(kept).isEmpty();
                }
            }
        }
    }

    @Nested
    class A_batch {
        @Test
        void comes_to_its_results_on_a_backend_without_batches() throws Exception {
            try (var backend = new Backend();
                    Scene scene = before(backend)) {
                FileObject input =
                        scene.upload(
                                Scene.line("a", "hello")
                                        + Scene.line("b", "bad")
                                        + Scene.line("ü \\\"c\\\"", "again"));
                Batch created =
                        scene.client
                                .batches()
                                .create(
                                        Scene.ordered(input.id())
                                                .metadata(
                                                        BatchCreateParams.Metadata.builder()
                                                                .putAdditionalProperty(
                                                                        "run",
                                                                        com.openai.core.JsonValue
                                                                                .from("17"))
                                                                .build())
                                                .build());
                assertThat(created.inputFileId()).isEqualTo(input.id());
                assertThat(created.completionWindow()).isEqualTo("24h");
                Batch batch = scene.ended(created);
                assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
                assertThat(batch.requestCounts())
                        .get()
                        .extracting(c -> c.total(), c -> c.completed(), c -> c.failed())
                        .containsExactly(3L, 2L, 1L);
                assertThat(batch.usage()).get().extracting(u -> u.totalTokens()).isEqualTo(22L);
                assertThat(batch.usage().orElseThrow().outputTokensDetails().reasoningTokens())
                        .isEqualTo(2);
                assertThat(batch.model()).contains("tiny-2026");
                assertThat(batch.expiresAt()).contains(batch.createdAt() + 86_400);
                assertThat(batch.completedAt()).isPresent();
                assertThat(batch.inProgressAt()).isPresent();
                assertThat(batch.finalizingAt()).isPresent();
                assertThat(batch.failedAt()).isEmpty();

                List<JsonNode> good = scene.rows(batch.outputFileId().orElseThrow());
                assertThat(ids(good)).containsExactly("a", "ü \"c\"");
                assertThat(good.getFirst().path("error").isNull()).isTrue();
                assertThat(good.getFirst().at("/response/status_code").asInt()).isEqualTo(200);
                assertThat(
                                good.getFirst()
                                        .at("/response/body/choices/0/message/content")
                                        .asString())
                        .isEqualTo("hello");
                assertThat(problems("BatchRequestOutput", good.getFirst())).isEmpty();
                List<JsonNode> bad = scene.rows(batch.errorFileId().orElseThrow());
                assertThat(ids(bad)).containsExactly("b");
                assertThat(bad.getFirst().path("error").isNull()).isTrue();
                assertThat(bad.getFirst().at("/response/status_code").asInt()).isEqualTo(400);
                assertThat(bad.getFirst().at("/response/body/error/code").asString())
                        .isEqualTo("no");

                JsonNode json = scene.json("GET", "/v1/batches/" + batch.id(), "");
                assertThat(problems("Batch", json)).isEmpty();
                assertThat(json.at("/metadata/run").asString()).isEqualTo("17");
                assertThat(json.has("failed_at")).isTrue();
                assertThat(scene.client.files().retrieve(batch.outputFileId().get()).purpose())
                        .isEqualTo(FileObject.Purpose.BATCH_OUTPUT);
            }
        }

        @Test
        void has_no_output_file_where_nothing_succeeded_and_no_error_file_where_all_did()
                throws Exception {
            try (var backend = new Backend();
                    Scene scene = before(backend)) {
                Batch bad = scene.ended(scene.create(Scene.line("a", "bad")));
                assertThat(bad.status()).isEqualTo(Batch.Status.COMPLETED);
                assertThat(bad.outputFileId()).isEmpty();
                assertThat(bad.errorFileId()).isPresent();
                Batch good = scene.ended(scene.create(Scene.line("a", "hello")));
                assertThat(good.outputFileId()).isPresent();
                assertThat(good.errorFileId()).isEmpty();
            }
        }

        @Test
        void is_refused_with_the_lines_that_are_wrong() throws Exception {
            try (Scene scene = echo()) {
                Batch batch =
                        scene.ended(
                                scene.create(
                                        Scene.line("a", "x")
                                                + "{nothing}\n"
                                                + Scene.line("a", "y")
                                                + Scene.line("b", "z")
                                                        .replace(
                                                                "chat/completions", "embeddings")));
                assertThat(batch.status()).isEqualTo(Batch.Status.FAILED);
                assertThat(batch.failedAt()).isPresent();
                assertThat(batch.requestCounts()).get().extracting(c -> c.total()).isEqualTo(0L);
                assertThat(batch.errors().orElseThrow().data().orElseThrow())
                        .extracting(BatchError::code, BatchError::line, BatchError::param)
                        .containsExactly(
                                tuple(
                                        Optional.of("invalid_json_line"),
                                        Optional.of(2L),
                                        Optional.empty()),
                                tuple(
                                        Optional.of("duplicate_custom_id"),
                                        Optional.of(3L),
                                        Optional.of("custom_id")),
                                tuple(
                                        Optional.of("invalid_url"),
                                        Optional.of(4L),
                                        Optional.of("url")));
                assertThat(problems("Batch", scene.json("GET", "/v1/batches/" + batch.id(), "")))
                        .isEmpty();
                Batch none = scene.ended(scene.client.batches().create(Scene.order("file-none")));
                assertThat(none.errors().orElseThrow().data().orElseThrow().getFirst().param())
                        .contains("file_id");
                try (var small =
                        new Scene(
                                directory.resolve("small"),
                                Map.of(),
                                Scene.echo()
                                        .within(small())
                                        .hosting(BatchSettings.STANDARD.holding(2)))) {
                    Batch many = small.ended(small.create(Scene.lines(3)));
                    assertThat(many.errors().orElseThrow().data().orElseThrow())
                            .extracting(BatchError::code)
                            .containsExactly(Optional.of("too_many_tasks"));
                    assertThatThrownBy(() -> small.upload("x".repeat(2_000)))
                            .isInstanceOfSatisfying(
                                    OpenAIServiceException.class,
                                    e -> assertThat(e.statusCode()).isEqualTo(413));
                }
            }
        }

        @Test
        void is_ordered_with_what_can_be_kept_alone() throws Exception {
            try (Scene scene = echo()) {
                String good =
                        "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"72h\"%s}";
                assertThat(scene.call("POST", "/v1/batches", good.formatted("")).statusCode())
                        .isEqualTo(200);
                assertThat(
                                scene.call(
                                                "POST",
                                                "/v1/batches",
                                                good.formatted(",\"metadata\":null"))
                                        .statusCode())
                        .isEqualTo(200);
                Map<String, String> wrong =
                        Map.of(
                                "{",
                                "null",
                                "{\"endpoint\":\"/v1/score\",\"completion_window\":\"1h\"}",
                                "\"input_file_id\"",
                                good.formatted("").replace("72h", "soon"),
                                "\"completion_window\"",
                                good.formatted("").replace("/v1/chat", "/v1/chats"),
                                "\"endpoint\"",
                                good.formatted(",\"metadata\":{\"tags\":[]}"),
                                "\"metadata.tags\"",
                                good.formatted(
                                        ",\"metadata\":{\"k\":\"%s\"}".formatted("x".repeat(513))),
                                "\"metadata.k\"",
                                good.formatted(",\"output_expires_after\":{\"seconds\":3600}"),
                                "\"anchor\"");
                wrong.forEach(
                        (body, param) -> {
                            var answer = scene.call("POST", "/v1/batches", body);
                            assertThat(answer.statusCode()).as(body).isEqualTo(400);
                            assertThat(answer.body()).contains("\"param\":" + param);
                        });
                assertThatThrownBy(() -> scene.client.batches().retrieve("batch_none"))
                        .isInstanceOf(NotFoundException.class);
            }
        }

        @Test
        void is_made_once_however_often_a_client_tries() throws Exception {
            try (Scene scene = echo()) {
                String input = scene.upload(Scene.line("a", "x")).id();
                String body =
                        "{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}"
                                .formatted(input);
                String first = scene.json("POST", "/v1/batches", body).path("id").asString();
                String retried =
                        scene.json("POST", "/v1/batches", body, "x-stainless-retry-count", "1")
                                .path("id")
                                .asString();
                assertThat(retried).isEqualTo(first);
                String keyed =
                        scene.json("POST", "/v1/batches", body, "idempotency-key", "k")
                                .path("id")
                                .asString();
                assertThat(keyed).isNotEqualTo(first);
                assertThat(
                                scene.json("POST", "/v1/batches", body, "idempotency-key", "k")
                                        .path("id")
                                        .asString())
                        .isEqualTo(keyed);
                assertThat(
                                scene.call(
                                                "POST",
                                                "/v1/batches",
                                                body.replace("24h", "1h"),
                                                "idempotency-key",
                                                "k")
                                        .statusCode())
                        .isEqualTo(409);
            }
        }

        @Test
        void is_listed_newest_first_in_pages() throws Exception {
            try (Scene scene = echo()) {
                var ids =
                        IntStream.range(0, 5)
                                .mapToObj(i -> scene.create(Scene.line("a", "x" + i)).id())
                                .toList();
                var listed =
                        scene
                                .client
                                .batches()
                                .list(
                                        com.openai.models.batches.BatchListParams.builder()
                                                .limit(2)
                                                .build())
                                .autoPager()
                                .stream()
                                .map(Batch::id)
                                .toList();
                assertThat(listed).containsExactlyElementsOf(ids.reversed());
                assertThat(
                                problems(
                                        "ListBatchesResponse",
                                        scene.json("GET", "/v1/batches?limit=2", "")))
                        .isEmpty();
            }
        }

        @Test
        void that_is_cancelled_keeps_what_was_done() throws Exception {
            try (var backend = new Backend();
                    Scene scene = before(backend)) {
                backend.hold();
                backend.permit(1);
                Batch batch =
                        scene.create(
                                Scene.lines(1)
                                        + Scene.lines(400).substring(Scene.lines(1).length()));
                Scene.until(
                        "the first answer",
                        () ->
                                scene.client
                                                .batches()
                                                .retrieve(batch.id())
                                                .requestCounts()
                                                .orElseThrow()
                                                .completed()
                                        == 1);
                Batch cancelling = scene.client.batches().cancel(batch.id());
                assertThat(cancelling.status()).isEqualTo(Batch.Status.CANCELLING);
                assertThat(cancelling.cancellingAt()).isPresent();
                // Those that are under way get their answers, and never all: the server may
                // notice only now.
                backend.permit(100);
                Batch over = scene.ended(batch);
                assertThat(over.status()).isEqualTo(Batch.Status.CANCELLED);
                assertThat(over.cancelledAt()).isPresent();
                List<JsonNode> good = scene.rows(over.outputFileId().orElseThrow());
                List<JsonNode> rest = scene.rows(over.errorFileId().orElseThrow());
                assertThat(good.size() + rest.size()).isEqualTo(400);
                assertThat(new HashSet<>(ids(good))).doesNotContainAnyElementsOf(ids(rest));
                assertThat(rest.getLast().at("/error/code").asString())
                        .isEqualTo("batch_cancelled");
                assertThat(scene.client.batches().cancel(batch.id()).status())
                        .isEqualTo(Batch.Status.CANCELLED);
                backend.permit(1_000);
                Batch other = scene.ended(scene.create(Scene.line("a", "x")));
                assertThatThrownBy(() -> scene.client.batches().cancel(other.id()))
                        .isInstanceOfSatisfying(
                                OpenAIServiceException.class,
                                e -> assertThat(e.statusCode()).isEqualTo(409));
            }
        }

        @Test
        void whose_window_is_over_keeps_what_was_done() throws Exception {
            try (var backend = new Backend();
                    Scene scene = before(backend)) {
                backend.hold();
                backend.permit(2);
                Batch batch =
                        scene.client
                                .batches()
                                .create(
                                        Scene.ordered(scene.upload(Scene.lines(3_000)).id())
                                                .completionWindow(
                                                        BatchCreateParams.CompletionWindow.of("3s"))
                                                .build());
                // Calls under way may end; behind the window no other is begun.
                Scene.until(
                        "the end of its window",
                        () -> Instant.now().getEpochSecond() > batch.createdAt() + 3);
                backend.permit(3_000);
                Batch over = scene.ended(batch);
                assertThat(over.status()).isEqualTo(Batch.Status.EXPIRED);
                assertThat(over.expiredAt()).isPresent();
                List<JsonNode> rest = scene.rows(over.errorFileId().orElseThrow());
                assertThat(rest.getLast().at("/error/code").asString()).isEqualTo("batch_expired");
                assertThat(over.requestCounts().orElseThrow().completed() + rest.size())
                        .isEqualTo(3_000);
            }
        }

        @Test
        void shows_results_while_it_runs_where_that_is_wanted() throws Exception {
            try (var backend = new Backend();
                    Scene scene =
                            new Scene(
                                    directory,
                                    Map.of(),
                                    Scene.before(backend)
                                            .hosting(BatchSettings.STANDARD.with(Layout.MERGED)))) {
                backend.hold();
                Batch batch = scene.create(Scene.line("x", "bad") + Scene.lines(4));
                backend.permit(3);
                Scene.until(
                        "the first results",
                        () ->
                                scene.client
                                        .batches()
                                        .retrieve(batch.id())
                                        .outputFileId()
                                        .filter(file -> scene.rows(file).size() == 3)
                                        .isPresent());
                String file =
                        scene.client.batches().retrieve(batch.id()).outputFileId().orElseThrow();
                String path = "/v1/files/" + file + "/content?offset=";
                var partial = scene.call("GET", path + 1, "");
                assertThat(partial.body().lines()).hasSize(2);
                assertThat(partial.headers().firstValue("X-Incomplete")).contains("true");
                assertThat(partial.headers().firstValue("X-Last-Line")).contains("3");
                assertThat(scene.call("DELETE", "/v1/files/" + file, "").statusCode())
                        .isEqualTo(409);
                String seen = scene.text(file);
                backend.permit(10);
                Batch over = scene.ended(batch);
                assertThat(over.outputFileId()).contains(file);
                assertThat(over.errorFileId()).isEmpty();
                assertThat(scene.text(file)).startsWith(seen);
                assertThat(ids(scene.rows(file)))
                        .containsExactlyInAnyOrder("x", "r0", "r1", "r2", "r3");
                assertThat(over.requestCounts())
                        .get()
                        .extracting(c -> c.completed(), c -> c.failed())
                        .containsExactly(4L, 1L);
                var rest = scene.call("GET", path + 3, "");
                assertThat(rest.body().lines()).hasSize(2);
                assertThat(rest.headers().firstValue("X-Incomplete")).contains("false");
            }
        }

        @Test
        void goes_on_with_the_next_server_and_no_request_is_made_twice() throws Exception {
            try (var backend = new Backend()) {
                backend.hold();
                Batch batch;
                try (Scene first = before(backend)) {
                    batch = first.create(Scene.lines(50));
                    backend.permit(20);
                    Scene.until("some answers", () -> backend.answered.size() == 20);
                    backend.permit(1_000);
                }
                try (Scene second = before(backend)) {
                    Batch over = second.ended(batch);
                    assertThat(over.status()).isEqualTo(Batch.Status.COMPLETED);
                    assertThat(ids(second.rows(over.outputFileId().orElseThrow())))
                            .containsExactlyElementsOf(
                                    IntStream.range(0, 50).mapToObj(i -> "r" + i).toList());
                }
                assertThat(backend.answered).hasSize(50).doesNotHaveDuplicates();
            }
        }

        @Test
        void is_answered_by_any_server_of_a_store_and_taken_over_from_one_that_stops()
                throws Exception {
            try (var backend = new Backend()) {
                backend.hold();
                Scene one = before(backend);
                try (Scene two = before(backend)) {
                    Batch batch = one.create(Scene.lines(30));
                    Scene.until("its run", () -> two.status(batch.id()).equals("in_progress"));
                    backend.permit(10);
                    Scene.until("some answers", () -> backend.answered.size() >= 10);
                    backend.permit(1_000);
                    one.close();
                    Batch over = two.ended(batch);
                    assertThat(over.requestCounts())
                            .get()
                            .extracting(c -> c.completed())
                            .isEqualTo(30L);
                    assertThat(backend.answered).hasSize(30).doesNotHaveDuplicates();
                }
            }
        }

        @Test
        void is_many_batches_at_the_provider_where_that_is_asked_for() throws Exception {
            try (var simulator =
                            Simulator.start(
                                    SimulatorOptions.builder()
                                            .key("sk-test")
                                            .eventLoops(1)
                                            .timeScale(200)
                                            .build());
                    Scene scene =
                            new Scene(
                                    directory,
                                    Map.of("OPENAI_API_KEY", "sk-test"),
                                    Scene.at(
                                            new Way.Said(
                                                    Optional.of("openai"),
                                                    Optional.of(simulator.baseUrl()),
                                                    Optional.empty())))) {
                String input =
                        scene.upload(Scene.lines(20).replace("\"tiny\"", "\"gpt-4o-mini\"")).id();
                JsonNode created =
                        scene.json(
                                "POST",
                                "/v1/batches",
                                "{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}"
                                        .formatted(input),
                                "batchwright-mode",
                                "batch");
                Batch batch =
                        scene.ended(scene.client.batches().retrieve(created.path("id").asString()));
                assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
                assertThat(scene.rows(batch.outputFileId().orElseThrow())).hasSize(20);
            }
        }

        @Test
        void of_another_kind_of_request_works_as_well() throws Exception {
            try (Scene scene = echo()) {
                Map<String, String> bodies =
                        Map.of(
                                "/v1/embeddings",
                                "{\"model\":\"m\",\"input\":\"x\",\"stream\":false}",
                                "/v1/responses",
                                "{\"model\":\"m\",\"input\":\"x\"}",
                                "/v1/completions",
                                "{\"model\":\"m\",\"prompt\":\"x\"}",
                                "/v1/moderations",
                                "{\"input\":\"x\"}",
                                "/v1/score",
                                "{\"model\":\"m\",\"text_1\":\"x\",\"text_2\":\"y\"}",
                                "/v1/rerank",
                                "{\"model\":\"m\",\"query\":\"x\",\"documents\":[\"y\"]}");
                bodies.forEach(
                        (endpoint, body) -> {
                            String input =
                                    scene.upload(
                                                    "{\"custom_id\":\"e\",\"method\":\"POST\",\"url\":\"%s\",\"body\":%s}"
                                                            .formatted(endpoint, body))
                                            .id();
                            Batch batch =
                                    scene.ended(
                                            scene.client
                                                    .batches()
                                                    .create(
                                                            Scene.ordered(input)
                                                                    .endpoint(
                                                                            BatchCreateParams
                                                                                    .Endpoint.of(
                                                                                    endpoint))
                                                                    .build()));
                            assertThat(batch.outputFileId()).as(endpoint).isPresent();
                        });
            }
        }
    }
}
