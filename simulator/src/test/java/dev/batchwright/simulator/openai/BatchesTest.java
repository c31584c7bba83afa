package dev.batchwright.simulator.openai;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batchwright.contract.OpenAiContract;
import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.simulator.wire.RequestHash;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** OpenAI's batches, in a time that stands still until the test moves it. */
@Timeout(60)
class BatchesTest {
    private static final Duration VALIDATION = Duration.ofMinutes(1);
    private static final Duration WORK = Duration.ofMinutes(100);

    private final SettableClock clock = new SettableClock();
    private Simulator simulator = start(options -> options);
    private Client client = new Client(simulator);

    private Simulator start(UnaryOperator<SimulatorOptions.Builder> more) {
        return Simulator.start(
                more.apply(
                                SimulatorOptions.builder()
                                        .eventLoops(1)
                                        .clock(clock)
                                        .validationTime(VALIDATION)
                                        .batchTime("100m"))
                        .build());
    }

    private void restart(UnaryOperator<SimulatorOptions.Builder> more) {
        close();
        simulator = start(more);
        client = new Client(simulator);
    }

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private static String line(String id, String text) {
        return """
        {"custom_id":"%s","method":"POST","url":"/v1/chat/completions","body":%s}
        """
                .formatted(id, Client.chat(text));
    }

    private static String lines(int count) {
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(line("r-" + i, "text " + i));
        }
        return lines.toString();
    }

    private String uploaded(String content) throws IOException, InterruptedException {
        JsonNode file = file(client.upload("/v1/files", "in.jsonl", content, "purpose", "batch"));
        return file.path("id").asString();
    }

    private static JsonNode file(Client.Got got) {
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return valid("OpenAIFile", got.json());
    }

    private Client.Got creating(String file, String more) throws IOException, InterruptedException {
        return client.post(
                "/v1/batches",
                """
                {"input_file_id":"%s","endpoint":"/v1/chat/completions","completion_window":"24h"%s}\
                """
                        .formatted(file, more));
    }

    private static JsonNode batch(Client.Got got) {
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return valid("Batch", got.json());
    }

    private String created(String content) throws IOException, InterruptedException {
        return batch(creating(uploaded(content), "")).path("id").asString();
    }

    private JsonNode poll(String id) throws IOException, InterruptedException {
        return batch(client.get("/v1/batches/" + id));
    }

    private JsonNode ended(String id) throws IOException, InterruptedException {
        clock.advance(VALIDATION.plus(WORK).plus(WORK));
        return poll(id);
    }

    private List<JsonNode> rows(JsonNode batch, String file)
            throws IOException, InterruptedException {
        List<JsonNode> rows = new ArrayList<>();
        String content = client.get("/v1/files/" + batch.path(file).asString() + "/content").body();
        for (String line : content.split("\n", -1)) {
            if (!line.isEmpty()) {
                JsonNode row = JsonMapper.shared().readTree(line);
                assertThat(OpenAiContract.problems("BatchRequestOutput", row)).as(line).isEmpty();
                rows.add(row);
            }
        }
        return rows;
    }

    /** The real wire sends null for what the schema says can only be absent. */
    private static JsonNode valid(String schema, JsonNode value) {
        assertThat(OpenAiContract.problems(schema, OpenAiContract.withoutNulls(value)))
                .as(value.toString())
                .isEmpty();
        return value;
    }

    private static List<String> ids(List<JsonNode> rows) {
        return rows.stream().map(row -> row.path("custom_id").asString()).toList();
    }

    @Nested
    class A_batch_that_goes_well {
        @Test
        void passes_through_its_states_with_their_times_and_counts() throws Exception {
            long start = SettableClock.START.getEpochSecond();
            String id = created(lines(10));
            JsonNode validating = poll(id);
            assertThat(validating.path("status").asString()).isEqualTo("validating");
            assertThat(validating.path("in_progress_at").isNull()).isTrue();
            assertThat(validating.at("/request_counts/total").asInt()).isZero();
            assertThat(validating.path("expires_at").asLong()).isEqualTo(start + 86_400);

            clock.advance(VALIDATION);
            JsonNode started = poll(id);
            assertThat(started.path("status").asString()).isEqualTo("in_progress");
            assertThat(started.at("/request_counts").toString())
                    .isEqualTo("{\"total\":10,\"completed\":0,\"failed\":0}");
            assertThat(started.path("in_progress_at").asLong()).isEqualTo(start + 60);
            assertThat(simulator.bill().executedInBatches()).isZero();

            clock.advance(WORK.dividedBy(2));
            assertThat(poll(id).at("/request_counts/completed").asInt()).isEqualTo(5);
            assertThat(simulator.bill().executedInBatches()).isEqualTo(5);

            clock.advance(WORK.dividedBy(2));
            JsonNode finalizing = poll(id);
            assertThat(finalizing.path("status").asString()).isEqualTo("finalizing");
            assertThat(finalizing.path("output_file_id").isNull()).isTrue();

            clock.advance(WORK);
            JsonNode completed = poll(id);
            assertThat(completed.path("status").asString()).isEqualTo("completed");
            assertThat(completed.at("/request_counts/completed").asInt()).isEqualTo(10);
            assertThat(completed.path("error_file_id").isNull()).isTrue();
            assertThat(completed.at("/usage/total_tokens").asLong())
                    .isEqualTo(
                            simulator.bill().batchPromptTokens()
                                    + simulator.bill().batchCompletionTokens());
            assertThat(rows(completed, "output_file_id"))
                    .extracting(
                            row -> row.at("/response/body/choices/0/message/content").asString())
                    .startsWith("echo: text 0", "echo: text 1")
                    .hasSize(10);
        }

        @Test
        void answers_each_row_as_the_live_endpoint_would() throws Exception {
            JsonNode batch = ended(created(line("a", "the same") + line("b", "another")));
            JsonNode live = client.chatCompletion("the same").json();
            JsonNode row = rows(batch, "output_file_id").getFirst();
            assertThat(row.at("/response/body")).isEqualTo(live);
            assertThat(row.at("/response/status_code").asInt()).isEqualTo(200);
            assertThat(row.path("error").isNull()).isTrue();
            RequestHash same =
                    RequestHash.of("/v1/chat/completions", Client.chat("the same").getBytes(UTF_8));
            assertThat(simulator.bill().count(same).inBatches()).isEqualTo(1);
            assertThat(simulator.bill().count(same).executed()).isEqualTo(1);
            assertThat(simulator.bill().executedTwiceAnywhere()).isEqualTo(1);
        }

        @Test
        void gives_custom_ids_back_byte_for_byte() throws Exception {
            String content = line("a b/\\u00e9é\\\"", "x");
            JsonNode batch = ended(created(content));
            String output =
                    client.get("/v1/files/" + batch.path("output_file_id").asString() + "/content")
                            .body();
            assertThat(output).contains("\"custom_id\":\"a b/\\u00e9é\\\"\",\"response\":");
        }

        @Test
        void keeps_its_metadata_and_is_listed_newest_first() throws Exception {
            String file = uploaded(lines(1));
            for (int i = 0; i < 5; i++) {
                creating(file, ",\"metadata\":{\"n\":\"" + i + "\"}");
            }
            JsonNode first = valid("ListBatchesResponse", client.get("/v1/batches?limit=2").json());
            assertThat(first.path("data"))
                    .extracting(one -> one.at("/metadata/n").asString())
                    .containsExactly("4", "3");
            assertThat(first.path("has_more").asBoolean()).isTrue();
            JsonNode last =
                    client.get("/v1/batches?limit=3&after=" + first.path("last_id").asString())
                            .json();
            assertThat(last.path("data"))
                    .extracting(one -> one.at("/metadata/n").asString())
                    .containsExactly("2", "1", "0");
            assertThat(last.path("has_more").asBoolean()).isFalse();
            JsonNode listing = client.get("/simulator/batches").json();
            assertThat(listing.at("/batches/4/metadata/n").asString()).isEqualTo("4");
        }
    }

    @Nested
    class Rows_that_fail {
        @Test
        void go_to_the_error_file_with_no_error_beside_their_response() throws Exception {
            String bad = line("bad", "x").replace("\"gpt-4o\",", "\"gpt-4o\",\"temperature\":9,");
            JsonNode batch = ended(created(line("good", "x") + bad));
            assertThat(batch.at("/request_counts").toString())
                    .isEqualTo("{\"total\":2,\"completed\":1,\"failed\":1}");
            assertThat(ids(rows(batch, "output_file_id"))).containsExactly("good");
            JsonNode row = rows(batch, "error_file_id").getFirst();
            assertThat(row.at("/response/status_code").asInt()).isEqualTo(400);
            assertThat(row.at("/response/body/error/param").asString()).isEqualTo("temperature");
            assertThat(row.path("error").isNull()).isTrue();
            assertThat(simulator.bill().executedInBatches()).isEqualTo(1);
        }

        @Test
        void leave_no_output_file_if_all_do() throws Exception {
            String bad = line("bad", "x").replace("\"gpt-4o\",", "\"gpt-4o\",\"temperature\":9,");
            JsonNode batch = ended(created(bad));
            assertThat(batch.path("status").asString()).isEqualTo("completed");
            assertThat(batch.path("output_file_id").isNull()).isTrue();
            assertThat(batch.path("error_file_id").isString()).isTrue();
        }
    }

    @Nested
    class A_batch_that_does_not_get_through {
        @Test
        void keeps_what_was_done_when_it_expires() throws Exception {
            restart(options -> options.batchTime("48h"));
            String id = created(lines(100));
            clock.advance(Duration.ofHours(25));
            JsonNode expired = poll(id);
            assertThat(expired.path("status").asString()).isEqualTo("expired");
            assertThat(expired.path("expired_at").asLong())
                    .isEqualTo(SettableClock.START.getEpochSecond() + 86_400);
            assertThat(expired.at("/request_counts/completed").asInt()).isEqualTo(49);
            assertThat(rows(expired, "output_file_id")).hasSize(49);
            assertThat(rows(expired, "error_file_id"))
                    .hasSize(51)
                    .allSatisfy(
                            row ->
                                    assertThat(row.at("/error/code").asString())
                                            .isEqualTo("batch_expired"));
            assertThat(simulator.bill().executedInBatches()).isEqualTo(49);
        }

        @Test
        void keeps_what_was_done_when_it_is_cancelled() throws Exception {
            String id = created(lines(10));
            clock.advance(VALIDATION.plus(WORK.dividedBy(2)));
            JsonNode cancelling = batch(client.post("/v1/batches/" + id + "/cancel", ""));
            assertThat(cancelling.path("status").asString()).isEqualTo("cancelling");
            clock.advance(WORK);
            JsonNode cancelled = poll(id);
            assertThat(cancelled.path("status").asString()).isEqualTo("cancelled");
            assertThat(rows(cancelled, "output_file_id")).hasSize(5);
            assertThat(rows(cancelled, "error_file_id"))
                    .extracting(row -> row.at("/error/code").asString())
                    .containsOnly("batch_cancelled")
                    .hasSize(5);
            assertThat(client.post("/v1/batches/" + id + "/cancel", "").status()).isEqualTo(200);
            assertThat(simulator.bill().executedInBatches()).isEqualTo(5);
        }

        @Test
        void has_no_files_if_it_is_cancelled_while_it_is_validated() throws Exception {
            String id = created(lines(10));
            client.post("/v1/batches/" + id + "/cancel", "");
            JsonNode cancelled = ended(id);
            assertThat(cancelled.path("status").asString()).isEqualTo("cancelled");
            assertThat(cancelled.path("output_file_id").isNull()).isTrue();
            assertThat(cancelled.path("error_file_id").isNull()).isTrue();
            assertThat(simulator.bill().executedInBatches()).isZero();
        }

        @Test
        void can_not_be_cancelled_when_it_is_completed() throws Exception {
            String id = created(lines(1));
            ended(id);
            Client.Got got = client.post("/v1/batches/" + id + "/cancel", "");
            assertThat(got.status()).isEqualTo(409);
            assertThat(got.error().path("message").asString())
                    .isEqualTo("Cannot cancel a batch with status 'completed'.");
        }
    }

    @Nested
    class Validation {
        private static final String GOOD = line("good", "x");

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                textBlock =
                        """
                        invalid_json_line|''|{"custom_id":
                        missing_required_parameter|custom_id|{"method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o"}}
                        missing_required_parameter|method|{"custom_id":"b","url":"/v1/chat/completions","body":{"model":"gpt-4o"}}
                        missing_required_parameter|url|{"custom_id":"b","method":"POST","body":{"model":"gpt-4o"}}
                        missing_required_parameter|body|{"custom_id":"b","method":"POST","url":"/v1/chat/completions"}
                        duplicate_custom_id|custom_id|{"custom_id":"good","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o","messages":[]}}
                        mismatched_model|body.model|{"custom_id":"b","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5","messages":[]}}
                        invalid_url|url|{"custom_id":"b","method":"POST","url":"/v1/embeddings","body":{"model":"gpt-4o"}}
                        invalid_request|body.model|{"custom_id":"b","method":"POST","url":"/v1/chat/completions","body":{"messages":[]}}
                        invalid_request|body.messages|{"custom_id":"b","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o"}}
                        streaming_unsupported|body.stream|{"custom_id":"b","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o","messages":[],"stream":true}}
                        """)
        void fails_the_batch_with_code_and_line(String code, String param, String bad)
                throws Exception {
            String id = created(GOOD + bad + "\n" + bad + "\n");
            JsonNode failed = ended(id);
            assertThat(failed.path("status").asString()).isEqualTo("failed");
            assertThat(failed.at("/errors/data")).hasSize(1);
            JsonNode problem = failed.at("/errors/data/0");
            assertThat(problem.path("code").asString()).isEqualTo(code);
            assertThat(problem.path("param").asString("")).isEqualTo(param);
            assertThat(problem.path("line").asInt()).isEqualTo(2);
            assertThat(failed.at("/request_counts/total").asInt()).isZero();
            assertThat(simulator.bill().executedInBatches()).isZero();
        }

        @Test
        void reports_every_bad_line_if_told_to() throws Exception {
            restart(options -> options.everyProblem(true));
            JsonNode failed = ended(created(GOOD + "{\n" + line("b", "y") + GOOD));
            assertThat(failed.at("/errors/data"))
                    .extracting(problem -> problem.path("line").asInt())
                    .containsExactly(2, 4);
        }

        @Test
        void fails_unknown_models_and_files() throws Exception {
            restart(options -> options.models(List.of("gpt-5")));
            assertThat(ended(created(GOOD)).at("/errors/data/0/code").asString())
                    .isEqualTo("model_not_found");
            JsonNode failed = ended(batch(creating("file-none", "")).path("id").asString());
            assertThat(failed.at("/errors/data/0/param").asString()).isEqualTo("file_id");
        }

        @Test
        void fails_a_batch_for_which_too_many_tokens_are_enqueued_and_not_later() throws Exception {
            restart(options -> options.enqueuedTokens(500));
            String first = created(lines(20));
            String second = created(lines(20));
            clock.advance(VALIDATION);
            assertThat(poll(first).path("status").asString()).isEqualTo("in_progress");
            JsonNode failed = poll(second);
            assertThat(failed.path("status").asString()).isEqualTo("failed");
            assertThat(failed.at("/errors/data/0/code").asString())
                    .isEqualTo("token_limit_exceeded");
            assertThat(failed.at("/errors/data/0/line").isNull()).isTrue();
            ended(first);
            assertThat(ended(created(lines(20))).path("status").asString()).isEqualTo("completed");
        }

        @Test
        void fails_a_batch_of_too_many_requests() throws Exception {
            restart(options -> options.maxBatchRequests(2));
            assertThat(ended(created(lines(3))).path("status").asString()).isEqualTo("failed");
            assertThat(ended(created(lines(2))).path("status").asString()).isEqualTo("completed");
        }
    }

    @Nested
    class Calls_that_are_wrong {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                textBlock =
                        """
                        missing_required_parameter|input_file_id|{"endpoint":"/v1/embeddings","completion_window":"24h"}
                        invalid_value|endpoint|{"input_file_id":"f","endpoint":"/v1/x","completion_window":"24h"}
                        invalid_value|completion_window|{"input_file_id":"f","endpoint":"/v1/embeddings","completion_window":"1h"}
                        invalid_type|metadata.tags|{"input_file_id":"f","endpoint":"/v1/embeddings","completion_window":"24h","metadata":{"tags":[]}}
                        missing_required_parameter|output_expires_after.anchor|{"input_file_id":"f","endpoint":"/v1/embeddings","completion_window":"24h","output_expires_after":{"seconds":3600}}
                        """)
        void are_refused_at_once(String code, String param, String body) throws Exception {
            Client.Got got = client.post("/v1/batches", body);
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.error().path("code").asString()).isEqualTo(code);
            assertThat(got.error().path("param").asString()).isEqualTo(param);
        }

        @ParameterizedTest
        @ValueSource(strings = {"in.txt", "in.json"})
        void upload_only_jsonl(String name) throws Exception {
            Client.Got got = client.upload("/v1/files", name, lines(1), "purpose", "batch");
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.error().path("message").asString()).contains("Must be .jsonl");
        }

        @Test
        void upload_neither_nothing_nor_nonsense_nor_too_much() throws Exception {
            restart(options -> options.maxUploadBytes(1000));
            for (String content : List.of("", "nonsense\n", lines(20))) {
                assertThat(
                                client.upload("/v1/files", "in.jsonl", content, "purpose", "batch")
                                        .status())
                        .isEqualTo(400);
            }
        }

        @Test
        void name_what_does_not_exist() throws Exception {
            assertThat(client.get("/v1/batches/batch_none").status()).isEqualTo(404);
            assertThat(client.post("/v1/batches/batch_none/cancel", "").status()).isEqualTo(404);
            assertThat(client.get("/v1/files/file-none").status()).isEqualTo(404);
            assertThat(client.get("/v1/files/file-none/content").status()).isEqualTo(404);
            assertThat(client.send("DELETE", "/v1/files/file-none").status()).isEqualTo(404);
            assertThat(client.send("PUT", "/v1/batches").status()).isEqualTo(404);
        }

        @Test
        void come_without_the_key() throws Exception {
            restart(options -> options.key("secret"));
            assertThat(client.get("/v1/batches").status()).isEqualTo(401);
            assertThat(client.get("/v1/batches", "authorization", "Bearer secret").status())
                    .isEqualTo(200);
        }

        @Test
        void create_too_many_batches_in_an_hour() throws Exception {
            restart(options -> options.batchesPerHour(2));
            String file = uploaded(lines(1));
            creating(file, "");
            creating(file, "");
            Client.Got got = creating(file, "");
            assertThat(got.status()).isEqualTo(429);
            assertThat(got.header("retry-after")).isEqualTo("3600");
            clock.advance(Duration.ofHours(1));
            assertThat(creating(file, "").status()).isEqualTo(200);
        }
    }

    @Nested
    class Files {
        @Test
        void come_back_as_they_were_sent() throws Exception {
            String content = lines(1000) + "{\"ä\":\"\r\n--lin\"}";
            String id = uploaded(content);
            assertThat(client.get("/v1/files/" + id + "/content").body()).isEqualTo(content);
            JsonNode file = file(client.get("/v1/files/" + id));
            assertThat(file.path("bytes").asInt()).isEqualTo(content.getBytes(UTF_8).length);
            assertThat(file.path("filename").asString()).isEqualTo("in.jsonl");
        }

        @Test
        void are_listed_and_deleted() throws Exception {
            String first = uploaded(lines(1));
            String second = uploaded(lines(2));
            JsonNode list = valid("ListFilesResponse", client.get("/v1/files").json());
            assertThat(list.path("data"))
                    .extracting(one -> one.path("id").asString())
                    .containsExactly(second, first);
            JsonNode gone = client.send("DELETE", "/v1/files/" + first).json();
            assertThat(OpenAiContract.problems("DeleteFileResponse", gone)).isEmpty();
            assertThat(client.get("/v1/files/" + first).status()).isEqualTo(404);
            assertThat(client.get("/v1/files?purpose=batch").json().path("data")).hasSize(1);
        }

        @Test
        void expire_when_they_are_told_to() throws Exception {
            Client.Got got =
                    client.upload(
                            "/v1/files",
                            "in.jsonl",
                            lines(1),
                            "purpose",
                            "batch",
                            "expires_after[anchor]",
                            "created_at",
                            "expires_after[seconds]",
                            "3600");
            String id = file(got).path("id").asString();
            clock.advance(Duration.ofHours(1));
            assertThat(client.get("/v1/files/" + id).status()).isEqualTo(404);
        }

        @Test
        void of_several_megabytes_go_through_the_disk() throws Exception {
            String content = lines(30_000);
            JsonNode batch = ended(created(content));
            assertThat(batch.at("/request_counts/completed").asInt()).isEqualTo(30_000);
            assertThat(rows(batch, "output_file_id").getLast().path("custom_id").asString())
                    .isEqualTo("r-29999");
        }
    }
}
