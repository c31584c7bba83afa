package dev.batchwright.provider.fireworks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.http.Body;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.BatchAnswer.Blocked;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Later;
import dev.batchwright.provider.BatchAnswer.Missing;
import dev.batchwright.provider.BatchAnswer.Refused;
import dev.batchwright.provider.BatchAnswer.Unknown;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.Counts;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.WireRequest;
import dev.batchwright.provider.openai.ScriptedApi;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

@Timeout(30)
class FireworksBatchTest {
    static final String CHAT = "/v1/chat/completions";
    static final String MODEL = "accounts/fireworks/models/llama-v3p1-8b-instruct";
    static final String NAME = "batchwright-bw0123456789abcd";
    static final String HERE = "/v1/accounts/acme";
    static final String DATASET = HERE + "/datasets/" + NAME;
    static final String JOB = HERE + "/batchInferenceJobs/" + NAME;
    static final String JOB_NAME = "accounts/acme/batchInferenceJobs/" + NAME;
    static final String OUTPUT = "accounts/acme/datasets/" + NAME + "-out";
    static final String NOT_FOUND = "{'code':5,'details':[],'message':'resource not found'}";
    static final BatchInput INPUT = new BatchInput.Uploaded("accounts/acme/datasets/" + NAME);
    static final BatchOrder ORDER =
            new BatchOrder(
                    new BatchTag("bw0123456789abcd"),
                    CHAT,
                    MODEL,
                    2,
                    Duration.ofHours(24),
                    Map.of());

    ScriptedApi api;
    FireworksBatch batch;

    @BeforeEach
    void open() throws IOException {
        api = new ScriptedApi();
        batch = batch(Optional.of("acme"));
    }

    @AfterEach
    void close() throws IOException {
        api.close();
    }

    FireworksBatch batch(Optional<String> account) {
        return new FireworksBatch(
                api.provider("fireworks", "/inference/v1")
                        .calls()
                        .to(url -> url.ending("/inference/v1", "/v1")),
                account);
    }

    static String job(String state, String more) {
        return "{'name':'%s','displayName':'','state':'JOB_STATE_%s','status':{'code':'OK','message':''},'outputDatasetId':'%s','expireTime':'2026-08-31T03:48:53.988342Z','jobProgress':{'totalInputRequests':1,'totalProcessedRequests':3,'successfullyProcessedRequests':2,'failedRequests':1}%s}"
                .formatted(JOB_NAME, state, OUTPUT, more);
    }

    static String dataset(String state) {
        return "{'name':'accounts/acme/datasets/%s','state':'%s','userUploaded':{}}"
                .formatted(NAME, state);
    }

    @Test
    void only_chat_completions_go_in_batches() {
        assertThat(batch.offer(CHAT, MODEL)).isInstanceOf(BatchOffer.Offered.class);
        assertThat(batch.offer("/v1/embeddings", MODEL)).isInstanceOf(BatchOffer.NotOffered.class);
    }

    @Test
    void a_line_names_no_model_because_the_job_does() throws Exception {
        var out = new ByteArrayOutputStream();
        batch.write(
                List.of(
                                request("{\"model\":\"m\", \"messages\":[]}"),
                                request("{\"messages\":[],\"model\":\"m\",\"max_tokens\":1.0}"),
                                request("{\"messages\":[]}"))
                        .iterator(),
                out);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        {"custom_id":"w","body":{"messages":[]}}
                        {"custom_id":"w","body":{"messages":[],"max_tokens":1.0}}
                        {"custom_id":"w","body":{"messages":[]}}
                        """);
    }

    static WireRequest request(String body) {
        return new WireRequest("w", new Request("fireworks", CHAT, MODEL, RawJson.of(body)));
    }

    @Nested
    class An_upload {
        @Test
        void makes_a_dataset_fills_it_and_finds_it_ready() throws Exception {
            api.on("POST " + HERE + "/datasets", 200, dataset("UPLOADING"))
                    .on("POST " + DATASET + ":upload", 200, "{'id':'x','bytes':5}")
                    .on("GET " + DATASET, 200, dataset("READY"));

            assertThat(upload()).isEqualTo(new Given<>("accounts/acme/datasets/" + NAME));
            assertThat(api.sent("POST " + HERE + "/datasets"))
                    .isEqualTo(
                            "{\"datasetId\":\"%s\",\"dataset\":{\"userUploaded\":{},\"exampleCount\":\"2\"}}"
                                    .formatted(NAME));
            assertThat(api.sent("POST " + DATASET + ":upload"))
                    .contains("name=\"file\"; filename=\"" + NAME + ".jsonl\"", "{\"l\":1}");
        }

        @Test
        void goes_on_later_while_the_dataset_is_checked() throws Exception {
            api.on("POST " + HERE + "/datasets", 200, dataset("UPLOADING"))
                    .on("POST " + HERE + "/datasets", 409, "{'code':6,'message':'already exists'}")
                    .on("POST " + DATASET + ":upload", 200, "{'id':'x'}")
                    .on("GET " + DATASET, 200, dataset("UPLOADING"))
                    .on("GET " + DATASET, 200, dataset("READY"));

            assertThat(upload()).isInstanceOf(Later.class);
            assertThat(upload()).isInstanceOf(Given.class);
            assertThat(uploads()).isEqualTo(1);
        }

        @Test
        void that_was_cut_off_fills_the_same_dataset() throws Exception {
            api.on("POST " + HERE + "/datasets", 409, "{'code':6,'message':'already exists'}")
                    .on("GET " + DATASET, 200, dataset("UPLOADING"))
                    .on("GET " + DATASET, 200, dataset("READY"))
                    .on("POST " + DATASET + ":upload", 200, "{'id':'x'}");

            assertThat(upload()).isInstanceOf(Given.class);
            assertThat(uploads()).isEqualTo(1);
        }

        long uploads() {
            return api.received().stream()
                    .filter(call -> call.requestLine().contains(":upload"))
                    .count();
        }

        @Test
        void with_a_bad_key_blocks_though_that_is_told_by_a_403() throws Exception {
            api.on(
                    "POST " + HERE + "/datasets",
                    403,
                    "{'error':{'message':'The API key you provided is"
                            + " invalid.','param':null,'code':'UNAUTHORIZED','type':'error'}}");
            assertThat(upload()).isInstanceOf(Blocked.class);
        }

        Object upload() throws InterruptedException {
            return batch.upload(ORDER, Body.json(RawJson.of("{\"l\":1}")));
        }
    }

    @Nested
    class An_account_that_nobody_named {
        @Test
        void is_the_only_one_that_the_key_sees() throws Exception {
            batch = batch(Optional.empty());
            api.on("GET /v1/accounts", 200, "{'accounts':[{'name':'accounts/acme'}]}")
                    .on("GET " + JOB, 200, job("RUNNING", ""));
            assertThat(batch.poll(NAME)).isInstanceOf(Given.class);
        }

        @Test
        void of_several_must_be_named() throws Exception {
            batch = batch(Optional.empty());
            api.on(
                    "GET /v1/accounts",
                    200,
                    "{'accounts':[{'name':'accounts/acme'},{'name':'accounts/other'}]}");
            assertThat(batch.upload(ORDER, Body.none()))
                    .isInstanceOfSatisfying(
                            Blocked.class,
                            blocked ->
                                    assertThat(blocked.problem())
                                            .contains("acme, other", "FIREWORKS_ACCOUNT_ID"));
        }
    }

    @Nested
    class A_job {
        @Test
        void is_made_under_our_own_name() throws Exception {
            String call = "POST " + HERE + "/batchInferenceJobs?batchInferenceJobId=" + NAME;
            api.on(call, 200, job("VALIDATING", ""));

            assertThat(batch.create(ORDER, INPUT))
                    .isEqualTo(
                            new Given<>(
                                    new RemoteBatch(
                                            JOB_NAME,
                                            Optional.of(CHAT),
                                            new Phase.Running("JOB_STATE_VALIDATING", List.of()),
                                            new Counts(3, 2, 1),
                                            Optional.of(
                                                    Instant.parse(
                                                            "2026-08-31T03:48:53.988342Z")))));
            assertThat(api.sent(call))
                    .isEqualTo(
                            "{\"displayName\":\"%s\",\"model\":\"%s\",\"inputDatasetId\":\"accounts/acme/datasets/%s\",\"outputDatasetId\":\"%s\"}"
                                    .formatted(NAME, MODEL, NAME, OUTPUT));
        }

        @Test
        void that_is_there_already_is_the_one_that_was_made_before() throws Exception {
            api.on(
                            "POST " + HERE + "/batchInferenceJobs?batchInferenceJobId=" + NAME,
                            409,
                            "{'code':6,'message':'already exists'}")
                    .on("GET " + JOB, 200, job("RUNNING", ""));
            assertThat(batch.create(ORDER, INPUT).toString()).contains("Given", JOB_NAME);
        }

        @Test
        void that_is_there_already_but_not_shown_may_have_been_made() throws Exception {
            api.on(
                            "POST " + HERE + "/batchInferenceJobs?batchInferenceJobId=" + NAME,
                            409,
                            "{'code':6,'message':'already exists'}")
                    .on("GET " + JOB, 404, NOT_FOUND);
            assertThat(batch.create(ORDER, INPUT)).isInstanceOf(Unknown.class);
        }

        @Test
        void has_another_window_only_if_it_is_asked_for() throws Exception {
            String call = "POST " + HERE + "/batchInferenceJobs?batchInferenceJobId=" + NAME;
            api.on(call, 200, job("VALIDATING", ""));
            assertThat(batch.create(within(Duration.ofDays(2)), INPUT)).isInstanceOf(Given.class);
            assertThat(api.sent(call)).contains("\"maxJobDuration\":\"172800s\"");
            assertThat(batch.create(within(Duration.ofHours(1)), INPUT))
                    .isInstanceOf(Refused.class);
        }

        BatchOrder within(Duration window) {
            return new BatchOrder(ORDER.tag(), CHAT, MODEL, 2, window, Map.of());
        }

        @Test
        void whose_answer_was_lost_is_found_by_its_name() throws Exception {
            api.on("GET " + JOB, 404, NOT_FOUND).on("GET " + JOB, 200, job("PENDING", ""));
            assertThat(batch.find(ORDER, INPUT, Instant.EPOCH))
                    .isEqualTo(new Given<>(new Search.NotShown()));
            assertThat(batch.find(ORDER, INPUT, Instant.EPOCH).toString()).contains("Found");
        }

        @Test
        void that_cant_be_looked_for_may_be_there() throws Exception {
            api.on("GET " + JOB, 500, "{}");
            assertThat(batch.find(ORDER, INPUT, Instant.EPOCH)).isInstanceOf(Unknown.class);
        }

        @ParameterizedTest
        @CsvSource({
            "CREATING",
            "PENDING",
            "RUNNING",
            "WRITING_RESULTS",
            "PAUSED",
            "NEVER_HEARD_OF"
        })
        void runs(String state) throws Exception {
            api.on("GET " + JOB, 200, job(state, ""));
            assertThat(batch.poll(JOB_NAME).toString()).contains("Running[status=JOB_STATE_");
        }

        @ParameterizedTest
        @CsvSource({
            "COMPLETED, Completed, results",
            "EXPIRED, Expired, results",
            "EARLY_STOPPED, Expired, results",
            "CANCELLED, Cancelled, remains",
            "DELETING_CLEANING_UP, Cancelled, remains",
            "FAILED, Failed, remains"
        })
        void ends(String state, String end, String file) throws Exception {
            api.on("GET " + JOB, 200, job(state, ""));
            assertThat(batch.poll(JOB_NAME).toString())
                    .contains("end=" + end, "reference=%s:%s]".formatted(file, OUTPUT));
        }

        @Test
        void fails_whole_for_one_bad_row_whose_number_says_nothing() throws Exception {
            api.on(
                    "GET " + JOB,
                    200,
                    "{'name':'%s','state':'JOB_STATE_FAILED','jobProgress':{'totalProcessedRequests':0},'status':{'code':'INVALID_ARGUMENT','message':'Dataset has a syntax error: chat dataset validation failed on input2.jsonl:1: invalid role bananas'}}"
                            .formatted(JOB_NAME));
            assertThat(batch.poll(JOB_NAME).toString())
                    .contains("Invalid", "line=Optional.empty", "bananas", "files=[]");
        }

        @Test
        void is_deleted_to_be_cancelled_and_known_to_be_gone() throws Exception {
            api.on("GET " + JOB, 200, job("RUNNING", ""))
                    .on("GET " + JOB, 200, job("DELETING_CLEANING_UP", ""))
                    .on("GET " + JOB, 404, NOT_FOUND)
                    .on("DELETE " + JOB, 200, "{}");

            assertThat(batch.cancel(JOB_NAME).toString()).contains("Cancelled");
            assertThat(batch.poll(JOB_NAME).toString()).contains("Cancelled", "remains:" + OUTPUT);
        }

        @Test
        void that_has_ended_is_not_deleted() throws Exception {
            api.on("GET " + JOB, 200, job("COMPLETED", ""));
            assertThat(batch.cancel(JOB_NAME).toString()).contains("Completed");
            assertThat(api.received()).noneMatch(call -> call.requestLine().startsWith("DELETE"));
        }

        @Test
        void that_nobody_deleted_is_missing() throws Exception {
            api.on("GET " + JOB, 404, NOT_FOUND);
            assertThat(batch.poll(JOB_NAME)).isInstanceOf(Missing.class);
        }
    }

    @Nested
    class Results {
        static final String ADDRESSES =
                "GET " + HERE + "/datasets/" + NAME + "-out:getDownloadEndpoint";

        final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Object download(String kind) throws InterruptedException {
            return batch.download(new ResultFile(kind + ":" + OUTPUT), 0, out);
        }

        @Test
        void are_all_files_of_the_dataset_and_are_fetched_without_the_key() throws Exception {
            try (var storage = new ScriptedApi()) {
                storage.on("GET /errors", 200, "").on("GET /rows", 200, "{'a':1}\n{'b':2}");
                api.on(
                        ADDRESSES,
                        200,
                        "{'filenameToSignedUrls':{'dataset/x/error-data':'%s/errors','dataset/x/BIJOutputSet.jsonl':'%s/rows'}}"
                                .formatted(storage.origin(), storage.origin()));

                assertThat(download("results")).isEqualTo(new Given<>(16L));
                assertThat(out.toString(StandardCharsets.UTF_8))
                        .isEqualTo("{\"a\":1}\n{\"b\":2}\n");
                assertThat(storage.received())
                        .hasSize(2)
                        .allMatch(call -> call.header("authorization").isEmpty());
            }
        }

        @Test
        void of_a_completed_job_may_be_late_but_are_not_given_up() throws Exception {
            api.on(ADDRESSES, 404, NOT_FOUND);
            assertThat(download("results")).isInstanceOf(Missing.class);
        }

        @Test
        void of_a_deleted_job_may_be_gone() throws Exception {
            api.on(ADDRESSES, 404, NOT_FOUND);
            assertThat(download("remains")).isEqualTo(new Given<>(0L));
        }

        @Test
        void behind_an_address_that_has_run_out_are_asked_for_again() throws Exception {
            try (var storage = new ScriptedApi()) {
                storage.on("GET /rows", 403, "<Error>");
                api.on(
                        ADDRESSES,
                        200,
                        "{'filenameToSignedUrls':{'f':'%s/rows'}}".formatted(storage.origin()));
                assertThat(download("results")).isInstanceOf(Unknown.class);
            }
        }

        @Test
        void have_the_answer_without_a_wrapper() {
            String row =
                    "{'custom_id':'bw1','response':{'id':'c','object':'chat.completion','choices':[{}],'usage':{'prompt_tokens':47,'completion_tokens':2,'prompt_tokens_details':{'cached_tokens':29}}}}";
            assertThat(read(row))
                    .isEqualTo(
                            new ResultRow.Succeeded(
                                    "bw1",
                                    new Usage(47, 29, 2),
                                    new ResultRow.Answer.InLine(
                                            ResultRow.Form.BODY,
                                            200,
                                            row.indexOf("{'id'"),
                                            row.length() - row.indexOf("{'id'") - 1)));
        }

        @Test
        void may_be_errors() {
            assertThat(read("{'custom_id':'bw1','error':{'message':'m','code':'c'}}"))
                    .isInstanceOf(ResultRow.Failed.class);
        }

        ResultRow read(String row) {
            byte[] line = row.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
            return batch.read(CHAT, line, 0, line.length);
        }
    }
}
