package dev.batchwright.provider.gemini;

import static dev.batchwright.provider.gemini.ChatRequestTest.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.config.Environment;
import dev.batchwright.http.Body;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.Proxies;
import dev.batchwright.http.ScriptedServer;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.WireRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/** Against a server on loopback that answers with the shapes of the API, one after the other. */
class GeminiBatchTest {
    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    static final BatchTag TAG = new BatchTag("bw0123456789abcd");
    static final String CHAT = "/v1/chat/completions";
    static final BatchOrder ORDER =
            new BatchOrder(TAG, CHAT, "gemini-2.5-flash", 2, Duration.ofDays(1), Map.of());
    static final BatchInput FILE = new BatchInput.Uploaded("files/abc123");

    /** What the server answers next; without a status it breaks the connection. */
    record Next(String status, String body, String header) {}

    final Queue<Next> script = new ArrayDeque<>();
    ScriptedServer server;
    HttpClient http;
    GeminiProvider provider;
    BatchApi batch;

    @BeforeEach
    void open() throws IOException {
        server = new ScriptedServer((request, socket) -> answer(socket));
        http = new HttpClient(Proxies.of(Environment.of(Map.of())));
        provider = provider(server.origin());
        batch = provider.batch().orElseThrow();
    }

    GeminiProvider provider(String baseUrl) {
        return new GeminiProvider(
                Addresses.parse(baseUrl),
                "GEMINI_API_KEY",
                "AIza-secret",
                Map.of(),
                http,
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() throws IOException {
        http.close();
        server.close();
    }

    private void answer(Socket socket) throws IOException {
        Next next = script.remove();
        if (next.status().isEmpty()) {
            ScriptedServer.reset(socket);
            return;
        }
        ScriptedServer.write(socket, next.status(), next.body(), next.header());
    }

    void answers(String status, String body) {
        script.add(new Next(status, body.replace('\'', '"'), "X-Test: 1"));
    }

    static String operation(String state, String more) {
        return "{'name':'batches/4m8','metadata':{'@type':'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch','model':'models/gemini-2.5-flash','displayName':'%s','inputConfig':{'fileName':'files/abc123'},'createTime':'2026-11-20T10:01:00.407650525Z','updateTime':'2026-11-20T10:02:00.407650525Z','batchStats':{'requestCount':'3','successfulRequestCount':'1'},'state':'%s','name':'batches/4m8'}%s}"
                .formatted(BatchApi.displayName(TAG), state, more);
    }

    static <T> T given(BatchAnswer<T> answer) {
        assertThat(answer).isInstanceOf(BatchAnswer.Given.class);
        return ((BatchAnswer.Given<T>) answer).value();
    }

    static String kind(BatchAnswer<?> answer) {
        return switch (answer) {
            case BatchAnswer.Given<?> given -> "given";
            case BatchAnswer.Later<?> later ->
                    "later"
                            + (later.queueFull() ? " queue" : "")
                            + later.retryAfter().map(wait -> " " + wait).orElse("");
            case BatchAnswer.Unknown<?> unknown -> "unknown";
            case BatchAnswer.Missing<?> missing -> "missing";
            case BatchAnswer.Refused<?> refused -> "refused";
            case BatchAnswer.Blocked<?> blocked -> "blocked";
        };
    }

    static Request request(String endpoint, String body) {
        return new Request("gemini", endpoint, "gemini-2.5-flash", json(body));
    }

    @Nested
    class Input {
        @Test
        void is_a_line_a_request_with_its_own_form_untouched_and_others_translated()
                throws IOException {
            var out = new ByteArrayOutputStream();
            var chat = request(CHAT, "{'messages':[{'role':'user','content':'a'}]}");
            var own = request(Call.GENERATE.endpoint(), "{ 'contents' : [ {'x':1e0} ] }");
            var embed = request("/v1/embeddings", "{'input':['a']}");
            batch.write(
                    List.of(
                                    new WireRequest(TAG.wireId(1), chat),
                                    new WireRequest(TAG.wireId(2), own),
                                    new WireRequest(TAG.wireId(3), embed))
                            .iterator(),
                    out);

            assertThat(out.toString(StandardCharsets.UTF_8))
                    .isEqualTo(
                            json(
                                            "{'key':'bw0123456789abcd1','request':{'contents':[{'role':'user','parts':[{'text':'a'}]}]}}")
                                    + "\n"
                                    + json(
                                            "{'key':'bw0123456789abcd2','request':{ 'contents' : ["
                                                    + " {'x':1e0} ] }}")
                                    + "\n"
                                    + json(
                                            "{'key':'bw0123456789abcd3','request':{'content':{'parts':[{'text':'a'}]}}}")
                                    + "\n");
            assertThat(batch.size(chat) + batch.size(own) + batch.size(embed))
                    .isGreaterThan(out.size());
        }

        @Test
        void has_limits_and_several_embeddings_exceed_them() {
            var offer = (BatchOffer.Offered) batch.offer(CHAT, "gemini-2.5-flash");

            assertThat(offer.uploads()).isTrue();
            assertThat(offer.batches()).isEqualTo(100);
            assertThat(batch.size(request("/v1/embeddings", "{'input':['a','b']}")))
                    .isGreaterThan(offer.bytes());
            assertThat(batch.offer("/v1/responses", "m")).isInstanceOf(BatchOffer.NotOffered.class);
        }
    }

    @Nested
    class Uploading {
        final Body input =
                new Body() {
                    @Override
                    public long length() {
                        return 4;
                    }

                    @Override
                    public String contentType() {
                        return "application/jsonl";
                    }

                    @Override
                    public void writeTo(OutputStream out) throws IOException {
                        out.write("{}{}".getBytes(StandardCharsets.US_ASCII));
                    }
                };

        @Test
        void asks_for_an_address_and_sends_all_bytes_there() throws Exception {
            script.add(
                    new Next(
                            "200 OK",
                            "",
                            "X-Goog-Upload-URL: " + server.origin() + "/there?upload_id=7"));
            script.add(
                    new Next(
                            "200 OK",
                            json("{'file':{'name':'files/abc123','state':'ACTIVE'}}").toString(),
                            "X-Goog-Upload-Status: final"));

            assertThat(given(batch.upload(ORDER, input))).isEqualTo("files/abc123");
            var start = server.received.remove();
            assertThat(start.requestLine()).isEqualTo("POST /upload/v1beta/files HTTP/1.1");
            assertThat(start.header("x-goog-api-key")).isEqualTo("AIza-secret");
            assertThat(start.header("x-goog-upload-protocol")).isEqualTo("resumable");
            assertThat(start.header("x-goog-upload-command")).isEqualTo("start");
            assertThat(start.header("x-goog-upload-header-content-length")).isEqualTo("4");
            assertThat(start.header("x-goog-upload-header-content-type"))
                    .isEqualTo("application/jsonl");
            assertThat(start.body()).contains("\"displayName\":\"batchwright-bw0123456789abcd\"");
            var content = server.received.remove();
            assertThat(content.requestLine()).isEqualTo("POST /there?upload_id=7 HTTP/1.1");
            assertThat(content.header("x-goog-upload-command")).isEqualTo("upload, finalize");
            assertThat(content.header("x-goog-upload-offset")).isEqualTo("0");
            assertThat(content.header("content-length")).isEqualTo("4");
            assertThat(content.body()).isEqualTo("{}{}");
        }

        @Test
        void does_not_take_the_key_to_another_server() throws Exception {
            try (var other =
                    new ScriptedServer(
                            (request, socket) ->
                                    ScriptedServer.write(
                                            socket,
                                            "200 OK",
                                            "{\"file\":{\"name\":\"files/abc123\"}}"))) {
                script.add(new Next("200 OK", "", "X-Goog-Upload-URL: " + other.origin() + "/u"));

                assertThat(given(batch.upload(ORDER, input))).isEqualTo("files/abc123");
                assertThat(other.received.remove().header("x-goog-api-key")).isEmpty();
            }
        }

        @Test
        void without_an_address_is_of_unknown_outcome() throws Exception {
            answers("200 OK", "");

            assertThat(kind(batch.upload(ORDER, input))).isEqualTo("unknown");
        }
    }

    @Nested
    class Creating {
        @Test
        void names_the_model_the_file_and_the_tag() throws Exception {
            answers("200 OK", operation("BATCH_STATE_PENDING", ""));

            RemoteBatch made = given(batch.create(ORDER, FILE));

            assertThat(made.id()).isEqualTo("batches/4m8");
            assertThat(made.endpoint()).isEmpty();
            assertThat(made.phase()).isEqualTo(new Phase.Running("pending", List.of()));
            assertThat(made.counts()).isEqualTo(new RemoteBatch.Counts(3, 1, 0));
            assertThat(made.expiresAt()).contains(Instant.parse("2026-11-22T10:01:00.407650525Z"));
            var sent = server.received.remove();
            assertThat(sent.requestLine())
                    .isEqualTo(
                            "POST /v1beta/models/gemini-2.5-flash:batchGenerateContent HTTP/1.1");
            assertThat(sent.body())
                    .isEqualTo(
                            json("{'batch':{'displayName':'batchwright-bw0123456789abcd','inputConfig':{'fileName':'files/abc123'}}}")
                                    .toString());
        }

        @Test
        void of_embeddings_goes_to_their_own_place() throws Exception {
            answers("200 OK", operation("BATCH_STATE_PENDING", ""));

            given(
                    batch.create(
                            new BatchOrder(
                                    TAG,
                                    "/v1/embeddings",
                                    "gemini-embedding-001",
                                    1,
                                    Duration.ofDays(1),
                                    Map.of()),
                            FILE));
            assertThat(server.received.remove().requestLine())
                    .isEqualTo(
                            "POST /v1beta/models/gemini-embedding-001:asyncBatchEmbedContent"
                                    + " HTTP/1.1");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '~',
                value = {
                    "429 X | {'error':{'code':429,'message':'m','status':'RESOURCE_EXHAUSTED'}} |"
                            + " later queue",
                    "429 X |"
                        + " {'error':{'code':429,'message':'m','status':'RESOURCE_EXHAUSTED','details':[{'violations':[{'quotaId':'CreateBatchRequestsPerMinute'}]},{'retryDelay':'7s'}]}}"
                        + " | later PT7S",
                    "429 X |"
                        + " {'error':{'code':429,'message':'m','status':'RESOURCE_EXHAUSTED','details':[{'violations':[{'quotaId':'BatchesPerDay'}]}]}}"
                        + " | later PT20H1M",
                    "429 X | {'error':{'code':429,'message':'Quota exceeded, limit:"
                            + " 0','status':'RESOURCE_EXHAUSTED'}} | blocked",
                    "400 X | {'error':{'code':400,'message':'The File abc123 is not in an ACTIVE"
                            + " state and usage is not allowed.','status':'FAILED_PRECONDITION'}} |"
                            + " later",
                    "404 X | {'error':{'code':404,'message':'Requested file was not"
                            + " found.','status':'NOT_FOUND'}} | later",
                    "403 X | {'error':{'code':403,'message':'You do not have permission to access"
                            + " the File abc123 or it may not"
                            + " exist.','status':'PERMISSION_DENIED'}} | later",
                    "404 X | {'error':{'code':404,'message':'models/x is not"
                            + " found','status':'NOT_FOUND'}} | refused",
                    "404 X | <html>no such page</html> | blocked",
                    "400 X | {'error':{'code':400,'message':'bad','status':'INVALID_ARGUMENT'}} |"
                            + " refused",
                    "400 X | {'error':{'code':400,'message':'API key not"
                            + " valid.','status':'INVALID_ARGUMENT'}} | blocked",
                    "403 X | {'error':{'code':403,'message':'no','status':'PERMISSION_DENIED'}} |"
                            + " blocked",
                    "500 X | {'error':{'code':500,'message':'m','status':'INTERNAL'}} | unknown",
                    "503 X | {'error':{'code':503,'message':'m','status':'UNAVAILABLE'}} | unknown",
                    "504 X | | unknown",
                    "409 X | {'error':{'code':409,'message':'m','status':'ABORTED'}} | unknown",
                    "200 OK | {} | unknown",
                    "200 OK | not json | unknown",
                    "302 Found | | blocked",
                    "| | unknown",
                })
        void that_fails_says_whether_a_batch_may_exist(String status, String body, String expected)
                throws Exception {
            script.add(
                    new Next(
                            status == null ? "" : status.strip(),
                            body == null ? "" : body.replace('\'', '"'),
                            "Location: http://elsewhere.example"));

            assertThat(kind(batch.create(ORDER, FILE))).isEqualTo(expected);
        }

        @Test
        void where_nobody_listens_has_created_nothing() throws Exception {
            BatchApi nowhere = provider("http://127.0.0.1:1").batch().orElseThrow();

            assertThat(kind(nowhere.create(ORDER, FILE))).isEqualTo("later");
        }
    }

    @Nested
    class Finding {
        @Test
        void goes_through_every_page() throws Exception {
            answers(
                    "200 OK",
                    "{'operations':[{'name':'batches/1','metadata':{'displayName':'other'}}],'nextPageToken':'a+b='}");
            answers(
                    "200 OK",
                    "{'operations':[%s],'nextPageToken':'c'}"
                            .formatted(operation("BATCH_STATE_SUCCEEDED", ",'done':true")));

            var found = (Search.Found) given(batch.find(ORDER, FILE, NOW));

            // Lists leave results out: only a poll may say that it is over.
            assertThat(found.batch().id()).isEqualTo("batches/4m8");
            assertThat(found.batch().phase()).isEqualTo(new Phase.Running("succeeded", List.of()));
            assertThat(server.received.remove().requestLine())
                    .isEqualTo("GET /v1beta/batches?pageSize=100 HTTP/1.1");
            assertThat(server.received.remove().requestLine())
                    .isEqualTo("GET /v1beta/batches?pageSize=100&pageToken=a%2Bb%3D HTTP/1.1");
        }

        @Test
        void knows_a_batch_by_its_input_too() throws Exception {
            answers(
                    "200 OK",
                    "{'operations':[{'name':'batches/9','metadata':{'inputConfig':{'fileName':'files/abc123'}}}]}");

            assertThat(((Search.Found) given(batch.find(ORDER, FILE, NOW))).batch().id())
                    .isEqualTo("batches/9");
        }

        @ParameterizedTest
        @ValueSource(strings = {"{}", "{'operations':[],'nextPageToken':''}"})
        void nothing_is_told_after_the_last_page(String page) throws Exception {
            answers("200 OK", page);

            assertThat(given(batch.find(ORDER, FILE, NOW))).isEqualTo(new Search.NotShown());
        }

        @Test
        void proves_nothing_if_a_page_fails_or_comes_twice() throws Exception {
            answers("200 OK", "{'nextPageToken':'a'}");
            answers("503 X", "");
            assertThat(kind(batch.find(ORDER, FILE, NOW))).isEqualTo("unknown");

            answers("200 OK", "{'nextPageToken':'a'}");
            answers("200 OK", "{'nextPageToken':'a'}");
            assertThat(kind(batch.find(ORDER, FILE, NOW))).isEqualTo("unknown");
            answers("200 OK", "{'error':{'code':500}}");
            assertThat(kind(batch.find(ORDER, FILE, NOW))).isEqualTo("unknown");
            answers(
                    "200 OK",
                    "{'operations':[{'metadata':{'inputConfig':{'fileName':'files/abc123'}}}]}");
            assertThat(kind(batch.find(ORDER, FILE, NOW))).isEqualTo("unknown");
        }
    }

    @Nested
    class Polling {
        static final String FILE_OUTPUT = "{'responsesFile':'files/batch-4m8'}";
        static final ResultFile OUTPUT = new ResultFile("file:files/batch-4m8");

        Phase phase(String operation) throws InterruptedException {
            answers("200 OK", operation);
            return given(batch.poll("batches/4m8")).phase();
        }

        @ParameterizedTest
        @CsvSource({
            "BATCH_STATE_PENDING, pending",
            "JOB_STATE_RUNNING, running",
            "BATCH_STATE_OF_NEXT_YEAR, of_next_year",
            "BATCH_STATE_UNSPECIFIED, unspecified",
        })
        void a_state_that_is_not_final_runs_on(String state, String status) throws Exception {
            assertThat(phase(operation(state, ""))).isEqualTo(new Phase.Running(status, List.of()));
        }

        @Test
        void the_results_are_a_file_in_either_place() throws Exception {
            var completed = new Phase.Ended(new End.Completed(), List.of(OUTPUT));

            assertThat(
                            phase(
                                    operation(
                                            "BATCH_STATE_SUCCEEDED",
                                            ",'done':true,'response':" + FILE_OUTPUT)))
                    .isEqualTo(completed);
            assertThat(
                            phase(
                                    operation("JOB_STATE_SUCCEEDED", ",'done':true")
                                            .replace(
                                                    "'name':'batches/4m8'}",
                                                    "'output':" + FILE_OUTPUT + "}")))
                    .isEqualTo(completed);
        }

        @Test
        void the_results_are_in_the_batch_itself() throws Exception {
            assertThat(
                            phase(
                                    operation(
                                            "BATCH_STATE_SUCCEEDED",
                                            ",'done':true,'response':{'inlinedResponses':{'inlinedResponses':[{'response':{}}]}}")))
                    .isEqualTo(
                            new Phase.Ended(
                                    new End.Completed(),
                                    List.of(new ResultFile("inline:batches/4m8"))));
        }

        @Test
        void without_results_yet_it_is_not_over() throws Exception {
            String late = operation("BATCH_STATE_SUCCEEDED", ",'done':true");

            assertThat(phase(late.replace("T10:02:00", "T11:59:00")))
                    .isEqualTo(new Phase.Running("succeeded", List.of()));
            assertThat(phase(late)).isEqualTo(new Phase.Ended(new End.Completed(), List.of()));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '~',
                value = {
                    "BATCH_STATE_CANCELLED | 1 | Cancelled",
                    "BATCH_STATE_EXPIRED | 4 | Expired",
                    "BATCH_STATE_FAILED | 3 | Invalid",
                    "BATCH_STATE_FAILED | 8 | QueueFull",
                    "BATCH_STATE_FAILED | 13 | Failed",
                    "BATCH_STATE_RUNNING | 1 | Cancelled",
                    "BATCH_STATE_RUNNING | 13 | Failed",
                })
        void another_end_says_why(String state, int code, String end) throws Exception {
            Phase phase =
                    phase(
                            operation(
                                    state,
                                    ",'done':true,'error':{'code':%d,'message':'why'}"
                                            .formatted(code)));

            var ended = (Phase.Ended) phase;
            assertThat(ended.end().getClass().getSimpleName()).isEqualTo(end);
            assertThat(ended.files()).isEmpty();
        }

        @Test
        void results_of_a_batch_that_failed_are_read_too() throws Exception {
            var ended =
                    (Phase.Ended)
                            phase(
                                    operation(
                                            "BATCH_STATE_FAILED",
                                            ",'done':true,'error':{'code':3},'response':"
                                                    + FILE_OUTPUT));

            assertThat(ended.end()).isInstanceOf(End.Failed.class);
            assertThat(ended.files()).containsExactly(OUTPUT);
        }

        @Test
        void a_batch_of_somebody_else_tells_what_it_is_for() throws Exception {
            answers(
                    "200 OK",
                    operation("BATCH_STATE_RUNNING", "")
                            .replace(BatchApi.displayName(TAG), "nightly"));

            assertThat(given(batch.poll("batches/4m8")).endpoint())
                    .contains("/v1beta/models/{model}:generateContent");
        }

        @Test
        void a_batch_that_is_not_there_is_missing() throws Exception {
            answers("404 X", "{'error':{'code':404,'message':'m','status':'NOT_FOUND'}}");

            assertThat(kind(batch.poll("batches/4m8"))).isEqualTo("missing");
        }
    }

    @Nested
    class Cancelling {
        @Test
        void is_a_wish() throws Exception {
            answers("200 OK", "{}");

            assertThat(given(batch.cancel("batches/4m8")).phase())
                    .isEqualTo(new Phase.Running("cancelling", List.of()));
            assertThat(server.received.remove().requestLine())
                    .isEqualTo("POST /v1beta/batches/4m8:cancel HTTP/1.1");
        }

        @Test
        void of_what_is_over_tells_how_it_ended() throws Exception {
            answers("400 X", "{'error':{'code':400,'message':'m','status':'FAILED_PRECONDITION'}}");
            answers("200 OK", operation("BATCH_STATE_EXPIRED", ""));

            assertThat(given(batch.cancel("batches/4m8")).phase())
                    .isEqualTo(new Phase.Ended(new End.Expired(), List.of()));
        }
    }

    @Nested
    class Downloading {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();

        String downloaded() {
            return out.toString(StandardCharsets.UTF_8);
        }

        @Test
        void a_file_comes_as_lines_and_goes_on_where_it_was_cut_off() throws Exception {
            var file = new ResultFile("file:files/batch-" + "x".repeat(60));
            answers("200 OK", "{'key':'a'}\n{'key':'b'}");
            answers("200 OK", "{'key':'a'}\n{'key':'b'}");

            assertThat(given(batch.download(file, 0, out))).isEqualTo(24);
            assertThat(downloaded()).isEqualTo("{\"key\":\"a\"}\n{\"key\":\"b\"}\n");
            out.reset();
            assertThat(given(batch.download(file, 15, out))).isEqualTo(24);
            assertThat(downloaded()).isEqualTo("ey\":\"b\"}\n");
            assertThat(server.received.remove().requestLine())
                    .isEqualTo(
                            "GET /download/v1beta/files/batch-%s:download?alt=media HTTP/1.1"
                                    .formatted("x".repeat(60)));
        }

        @Test
        void a_file_that_has_shrunk_is_not_taken_for_the_same() throws Exception {
            answers("200 OK", "{'key':'a'}\n");

            assertThat(kind(batch.download(new ResultFile("file:files/x"), 100, out)))
                    .isEqualTo("unknown");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "'response':{'@type':'x','inlinedResponses':{'inlinedResponses':%s}}",
                    "'metadata':{'output':{'inlinedResponses':{'inlinedResponses':%1$s}}},'response':{'inlinedResponses':{'inlinedResponses':%1$s}}",
                    "'metadata':{'output':{'inlinedResponses':{'inlinedResponses':[]}}},'response':{'inlinedResponses':{'inlinedResponses':%s}}",
                    "'metadata':{'note':'[inlinedResponses]','x':['inlinedResponses',{'y':1}]},'response':{'inlinedResponses':%s}",
                })
        void results_in_the_batch_come_as_lines_once(String pattern) throws Exception {
            String results =
                    """
                    [
                      {
                        'response': {'text': 'a ] } \\' b', 'inlinedResponses': [{'z': 1}]},
                        'metadata': {'key': 'r-1'}
                      },
                      {'error': {'code': 4, 'message': 'm'}},
                      { }
                    ]\
                    """;
            answers("200 OK", "{'name':'batches/4m8'," + pattern.formatted(results) + "}");

            long length = given(batch.download(new ResultFile("inline:batches/4m8"), 0, out));

            assertThat(downloaded().lines().map(line -> line.replace(" ", "")))
                    .containsExactly(
                            json("{'place':1,'response':{'text':'a]}\\'b','inlinedResponses':[{'z':1}]},'metadata':{'key':'r-1'}}")
                                    .toString(),
                            json("{'place':2,'error':{'code':4,'message':'m'}}").toString(),
                            json("{'place':3}").toString());
            assertThat(length).isEqualTo(out.size());
            byte[] bytes = out.toByteArray();
            int second = downloaded().indexOf('\n') + 1;
            int end = downloaded().indexOf('\n', second);
            assertThat(batch.read(CHAT, bytes, second, end - second))
                    .isInstanceOfSatisfying(
                            ResultRow.Failed.class,
                            row -> assertThat(row.wireId()).isEqualTo("request-2"));
        }

        @Test
        void results_that_are_gone_from_the_batch_are_not_taken_for_none() throws Exception {
            answers("200 OK", operation("BATCH_STATE_SUCCEEDED", ""));

            assertThat(kind(batch.download(new ResultFile("inline:batches/4m8"), 0, out)))
                    .isEqualTo("unknown");
        }

        @Test
        void a_file_that_is_gone_is_missing() throws Exception {
            answers("404 X", "{'error':{'code':404,'message':'m','status':'NOT_FOUND'}}");

            assertThat(kind(batch.download(new ResultFile("file:files/x"), 0, out)))
                    .isEqualTo("missing");
            assertThat(out.size()).isZero();
        }
    }

    @Nested
    class Live {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '~',
                value = {
                    "/v1beta/models/{model}:generateContent | { 'contents' : [] } |"
                            + " gemini-2.5-flash:generateContent | { 'contents' : [] }",
                    "/v1beta/models/{model}:embedContent | {'content':{}} |"
                            + " gemini-2.5-flash:embedContent | {'content':{}}",
                    "/v1/chat/completions | {'messages':[{'role':'user','content':'a'}]} |"
                            + " gemini-2.5-flash:generateContent |"
                            + " {'contents':[{'role':'user','parts':[{'text':'a'}]}]}",
                    "/v1/embeddings | {'input':'a'} | gemini-2.5-flash:embedContent |"
                            + " {'content':{'parts':[{'text':'a'}]}}",
                })
        void a_call_goes_to_its_model(String endpoint, String body, String address, String sent)
                throws Exception {
            answers("200 OK", RowReaderTest.RESPONSE);

            provider.live().send(request(endpoint, body), Duration.ofSeconds(20));

            var received = server.received.remove();
            assertThat(received.requestLine())
                    .isEqualTo("POST /v1beta/models/%s HTTP/1.1".formatted(address));
            assertThat(received.body()).isEqualTo(json(sent).toString());
            assertThat(received.header("x-goog-api-key")).isEqualTo("AIza-secret");
            assertThat(received.header("authorization")).isEmpty();
        }

        @Test
        void an_odd_model_stays_one_part_of_the_address() throws Exception {
            answers("404 X", "{'error':{'code':404,'message':'m','status':'NOT_FOUND'}}");

            provider.live()
                    .send(
                            new Request(
                                    "gemini",
                                    Call.GENERATE.endpoint(),
                                    "a b?c#ü",
                                    RawJson.of("{}")),
                            Duration.ofSeconds(20));

            assertThat(server.received.remove().requestLine())
                    .isEqualTo("POST /v1beta/models/a%20b%3Fc%23%C3%BC:generateContent HTTP/1.1");
        }

        @Test
        void what_can_not_be_put_to_it_is_told_before_and_never_sent() throws Exception {
            var request =
                    request(
                            CHAT,
                            "{'messages':[{'role':'user','content':'a'}],'logit_bias':{'1':2}}");

            assertThat(provider.refusal(request).orElseThrow()).contains("`logit_bias`");
            assertThat(provider.refusal(request("/v1/responses", "{}")).orElseThrow())
                    .contains("/v1/responses");
            assertThat(
                            provider.refusal(
                                    new Request(
                                            "gemini",
                                            Call.GENERATE.endpoint(),
                                            "",
                                            RawJson.of("{}"))))
                    .isPresent();
            assertThat(provider.refusal(request(Call.GENERATE.endpoint(), "{}"))).isEmpty();
            assertThat(provider.live().send(request, Duration.ofSeconds(1)))
                    .isInstanceOf(AttemptOutcome.Rejected.class);
            assertThat(server.received).isEmpty();
        }
    }

    @Test
    void the_account_is_named_without_its_key() {
        assertThat(provider.account())
                .contains("gemini")
                .contains("GEMINI_API_KEY")
                .contains(server.origin())
                .doesNotContain("secret");
        assertThat(Optional.of(provider.name())).contains("gemini");
    }

    @ParameterizedTest
    @CsvSource({
        "https://generativelanguage.googleapis.com,"
                + " https://generativelanguage.googleapis.com/v1beta",
        "https://generativelanguage.googleapis.com/,"
                + " https://generativelanguage.googleapis.com/v1beta",
        "https://generativelanguage.googleapis.com/v1alpha,"
                + " https://generativelanguage.googleapis.com/v1alpha",
        "http://localhost:8080/gemini/v1beta/, http://localhost:8080/gemini/v1beta",
        "http://localhost:8080/gemini, http://localhost:8080/gemini/v1beta",
    })
    void a_base_url_may_leave_its_version_out(String written, String meant) {
        assertThat(Addresses.parse(written)).hasToString(meant);
        assertThat(Addresses.parse(written).upload().toString())
                .isEqualTo(meant.replaceFirst("/(v1\\w+)$", "/upload/$1/files"));
    }
}
