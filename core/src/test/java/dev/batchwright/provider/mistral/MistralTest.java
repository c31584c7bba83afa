package dev.batchwright.provider.mistral;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.http.Body;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Later;
import dev.batchwright.provider.BatchAnswer.Refused;
import dev.batchwright.provider.BatchAnswer.Unknown;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.InputProblem;
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
class MistralTest {
    static final String CHAT = "/v1/chat/completions";
    static final BatchTag TAG = new BatchTag("bw0123456789abcd");
    static final BatchInput FILE = new BatchInput.Uploaded("f-1");
    static final Instant SINCE = Instant.parse("2026-09-21T14:13:20Z");
    static final String LIST =
            "GET /v1/batch/jobs?page=%d&page_size=100&order_by=-created&created_after=2026-09-21T13%%3A58%%3A20Z";

    static final String TAGGED = "&metadata=%7B%22batchwright%22%3A%22bw0123456789abcd%22%7D";

    ScriptedApi api;
    MistralProvider mistral;

    @BeforeEach
    void open() throws IOException {
        api = new ScriptedApi();
        mistral = new MistralProvider(api.provider("mistral", "/v1"));
    }

    @AfterEach
    void close() throws IOException {
        api.close();
    }

    BatchApi batch() {
        return mistral.batch().orElseThrow();
    }

    static BatchOrder order(Duration window) {
        return new BatchOrder(
                TAG, CHAT, "mistral-small-latest", 2, window, Map.of("k".repeat(33), "v"));
    }

    static BatchOrder order() {
        return order(Duration.ofHours(24));
    }

    static Request request(String endpoint, String body) {
        return new Request("mistral", endpoint, "m", RawJson.of(body.replace('\'', '"')));
    }

    static Request chat(String body) {
        return request(CHAT, body);
    }

    static String job(String status, String more) {
        return "{'id':'b1','object':'batch','input_files':['f-1'],'metadata':{'batchwright':'%s'},'endpoint':'/v1/chat/completions','model':'m','output_file':null,'error_file':null,'errors':[],'outputs':null,'status':'%s','created_at':1790000010,'total_requests':3,'completed_requests':3,'succeeded_requests':2,'failed_requests':1%s}"
                .formatted(TAG, status, more);
    }

    static RemoteBatch given(BatchAnswer<RemoteBatch> answer) {
        assertThat(answer).isInstanceOf(Given.class);
        return ((Given<RemoteBatch>) answer).value();
    }

    @Nested
    class The_words {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "{'model':'m','seed':7} | {'model':'m','random_seed':7}",
                    "{'max_completion_tokens': 9 , 'model' : 'm'} | {'max_tokens':9,'model' : 'm'}",
                    "{'tool_choice':'required','tools':[]} | {'tool_choice':'any','tools':[]}",
                    "{'tool_choice':'auto','seed':1} | {'tool_choice':'auto','random_seed':1}",
                    "{'seed':1,'random_seed':2} | {'random_seed':2}",
                    "{'max_tokens':1,'max_completion_tokens':2} | {'max_tokens':1}",
                    "{'logprobs':false,'user':null,'store':false,'n':1} | {'n':1}",
                    "{'logit_bias':{}} | {}",
                    "{'x':{'seed':1},'messages':[{'content':'seed'}]} |"
                            + " {'x':{'seed':1},'messages':[{'content':'seed'}]}",
                    "{'s\\u0065ed':1} | {'random_seed':1}",
                    "[1] | [1]",
                })
        void are_put_into_mistrals(String body, String translated) {
            assertThat(MistralWords.translated(chat(body)).body())
                    .hasToString(translated.replace('\'', '"'));
        }

        @Test
        void of_another_endpoint_stay_as_they_are() {
            var request = request("/v1/embeddings", "{'seed':1,'user':'u'}");
            assertThat(MistralWords.translated(request)).isSameAs(request);
            assertThat(mistral.refusal(request)).isEmpty();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "{'user':'u'} | `user`",
                    "{'logprobs':true,'top_logprobs':3,'model':'m'} | `logprobs`, `top_logprobs`",
                    "{'logit_bias':{'5':1}} | `logit_bias`",
                    "{'store':true} | `store`",
                })
        void without_a_counterpart_are_refused_by_name(String body, String names) {
            assertThat(mistral.refusal(chat(body)))
                    .hasValue(
                            "mistral has nothing like %s; leave it out or choose another provider"
                                    .formatted(names));
        }

        @Test
        void that_ask_for_nothing_are_not_refused() {
            assertThat(
                            mistral.refusal(
                                    chat("{'user':null,'store':false,'logprobs':false,'seed':1}")))
                    .isEmpty();
        }

        @Test
        void are_translated_in_the_live_lane_too() throws Exception {
            api.on("POST /v1/chat/completions", 200, "{'choices':[]}");
            var outcome = mistral.live().send(chat("{'seed':1}"), Duration.ofSeconds(20));

            assertThat(outcome).isInstanceOf(AttemptOutcome.Success.class);
            assertThat(api.sent("POST /v1/chat/completions")).isEqualTo("{\"random_seed\":1}");
        }
    }

    @Nested
    class A_job {
        @Test
        void is_offered_for_what_mistral_takes() {
            assertThat(batch().offer("/v1/ocr", "m")).isInstanceOf(BatchOffer.Offered.class);
            assertThat(batch().offer("/v1/responses", "m"))
                    .isEqualTo(
                            new BatchOffer.NotOffered("mistral takes no /v1/responses in batches"));
        }

        @Test
        void has_lines_of_id_and_body_in_mistrals_words() throws Exception {
            var out = new ByteArrayOutputStream();
            var request = new WireRequest(TAG.wireId(1), chat("{'seed':1}"));
            batch().write(List.of(request).iterator(), out);

            assertThat(out.toString(StandardCharsets.UTF_8))
                    .isEqualTo(
                            """
                            {"custom_id":"bw0123456789abcd1","body":{"random_seed":1}}
                            """);
            assertThat(batch().size(request.request())).isGreaterThanOrEqualTo(out.size());
        }

        @Test
        void whose_file_is_refused_line_by_line() throws Exception {
            api.on(
                    "POST /v1/files",
                    422,
                    "{'detail':'Invalid file"
                        + " format.','errors':[{'loc':['line',2,'body','temperature'],'msg':'less"
                        + " than 1.5'},{'line':5,'msg':'broken JSON'}]}");
            var error = new ItemError("http_422", "Invalid file format.");
            assertThat(batch().upload(order(), Body.json(RawJson.of("{}"))))
                    .isEqualTo(
                            new Refused<String>(
                                    error,
                                    List.of(
                                            new InputProblem(
                                                    Optional.of(2L), Optional.empty(), error),
                                            new InputProblem(
                                                    Optional.of(5L), Optional.empty(), error))));
        }

        @Test
        void is_created_with_its_tag_and_window() throws Exception {
            api.on("POST /v1/batch/jobs", 200, job("QUEUED", ""));
            var batch = given(batch().create(order(Duration.ofDays(7)), FILE));

            assertThat(batch.phase()).isEqualTo(new Phase.Running("QUEUED", List.of()));
            assertThat(batch.counts()).isEqualTo(new Counts(3, 2, 1));
            assertThat(api.sent("POST /v1/batch/jobs"))
                    .isEqualTo(
                            "{'input_files':['f-1'],'endpoint':'/v1/chat/completions','model':'mistral-small-latest','timeout_hours':168,'metadata':{'batchwright':'bw0123456789abcd','requests':'2'}}"
                                    .replace('\'', '"'));
        }

        @ParameterizedTest
        @CsvSource({"PT30M", "PT90M", "PT169H"})
        void takes_whole_hours_up_to_a_week(Duration window) throws Exception {
            assertThat(batch().create(order(window), FILE)).isInstanceOf(Refused.class);
            assertThat(api.received()).isEmpty();
        }

        @Test
        void of_a_file_that_is_not_visible_yet_waits() throws Exception {
            api.on("POST /v1/batch/jobs", 404, "{'object':'error','message':'no file'}");
            assertThat(batch().create(order(), FILE)).isInstanceOf(Later.class);
        }

        @Test
        void of_an_unknown_model_is_refused() throws Exception {
            api.on("POST /v1/batch/jobs", 422, "{'detail':[{'loc':['model'],'msg':'unknown'}]}");
            assertThat(batch().create(order(), FILE)).isInstanceOf(Refused.class);
        }

        @ParameterizedTest
        @CsvSource({
            "SUCCESS, Completed[]",
            "TIMEOUT_EXCEEDED, Expired[]",
            "CANCELLED, Cancelled[]",
            "FAILED, 'Failed[error=ItemError[code=batch_failed, message=HTTP Error, status code:"
                    + " 400]]'"
        })
        void ends(String status, String end) throws Exception {
            String told =
                    job(status, "")
                            .replace("'output_file':null", "'output_file':'o'")
                            .replace(
                                    "'errors':[]",
                                    "'errors':[{'message':'HTTP Error, status code:"
                                            + " 400','count':2}]");
            api.on("GET /v1/batch/jobs/b1", 200, told);

            assertThat(given(batch().poll("b1")).phase())
                    .isInstanceOfSatisfying(
                            Phase.Ended.class,
                            ended -> {
                                assertThat(ended.end()).hasToString(end);
                                assertThat(ended.files())
                                        .containsExactly(new ResultFile("output:o"));
                            });
        }

        @ParameterizedTest
        @CsvSource({"RUNNING", "CANCELLATION_REQUESTED", "NEVER_HEARD_OF"})
        void runs(String status) throws Exception {
            api.on("GET /v1/batch/jobs/b1", 200, job(status, ""));
            assertThat(given(batch().poll("b1")).phase())
                    .isEqualTo(new Phase.Running(status, List.of()));
        }

        @Test
        void that_has_ended_is_not_cancelled_but_told() throws Exception {
            api.on("POST /v1/batch/jobs/b1/cancel", 409, "{'message':'over'}")
                    .on("GET /v1/batch/jobs/b1", 200, job("SUCCESS", ""));
            assertThat(given(batch().cancel("b1")).phase()).isInstanceOf(Phase.Ended.class);
        }

        @Test
        void has_result_files() throws Exception {
            api.on("GET /v1/files/o/content", 200, "{}");
            var out = new ByteArrayOutputStream();
            assertThat(batch().download(new ResultFile("output:o"), 0, out))
                    .isEqualTo(new Given<>(3L));
        }

        @Test
        void has_rows_whose_failures_are_strings_of_json() {
            byte[] row =
                    "{'id':'x','custom_id':'bw1','response':{'status_code':400,'body':'{}'},'error':null}"
                            .replace('\'', '"')
                            .getBytes(StandardCharsets.UTF_8);
            assertThat(batch().read(CHAT, row, 0, row.length))
                    .isInstanceOfSatisfying(
                            ResultRow.Failed.class,
                            failed ->
                                    assertThat(failed.answer())
                                            .isInstanceOf(ResultRow.Answer.Made.class));
        }
    }

    @Nested
    class Finding {
        @Test
        void goes_through_all_pages_and_takes_the_oldest_of_the_tag() throws Exception {
            api.on(
                            LIST.formatted(0),
                            200,
                            "{'data':[%s],'object':'list','total':150}"
                                    .formatted(job("QUEUED", "")))
                    .on(
                            LIST.formatted(1),
                            200,
                            "{'data':[{'id':'b0','status':'RUNNING','created_at':1790000009,'metadata':{'batchwright':'%s'}}],'total':150}"
                                    .formatted(TAG));

            assertThat(batch().find(order(), FILE, SINCE))
                    .isInstanceOfSatisfying(
                            Given.class,
                            found -> assertThat(found.value().toString()).contains("id=b0"));
        }

        @Test
        void asks_for_the_tag_first() throws Exception {
            api.on(
                    LIST.formatted(0) + TAGGED,
                    200,
                    "{'data':[{'id':'b0','status':'RUNNING','metadata':{'batchwright':'bw0123456789abcd'}}],'total':1}");
            assertThat(batch().find(order(), FILE, SINCE).toString()).contains("id=b0");
            assertThat(api.received()).hasSize(1);
        }

        @Test
        void does_not_trust_a_filter_that_filters_nothing() throws Exception {
            String job =
                    "{'id':'b%d','status':'RUNNING','created_at':%d,'metadata':{'batchwright':'%s'}}";
            String page =
                    "{'data':[%s,%s],'total':2}"
                            .formatted(
                                    job.formatted(2, 20, "another"),
                                    job.formatted(1, 10, "bw0123456789abcd"));
            api.on(LIST.formatted(0) + TAGGED, 200, page).on(LIST.formatted(0), 200, page);
            assertThat(batch().find(order(), FILE, SINCE).toString()).contains("id=b1");
            assertThat(api.received()).hasSize(2);
        }

        @Test
        void knows_a_job_without_metadata_by_its_file() throws Exception {
            api.on(
                    LIST.formatted(0),
                    200,
                    "{'data':[{'id':'b0','status':'RUNNING','input_files':['f-1'],'metadata':null}],'total':1}");
            assertThat(batch().find(order(), FILE, SINCE).toString()).contains("id=b0");
        }

        @Test
        void proves_absence_only_by_a_list() throws Exception {
            api.on(LIST.formatted(0), 200, "{'data':[],'total':0}");
            assertThat(batch().find(order(), FILE, SINCE))
                    .isEqualTo(new Given<>(new Search.NotShown()));
        }

        @Test
        void proves_nothing_by_a_filter_that_is_not_understood() throws Exception {
            api.on(LIST.formatted(0), 422, "{'detail':'created_after'}");
            assertThat(batch().find(order(), FILE, SINCE)).isInstanceOf(Unknown.class);
        }
    }
}
