package dev.batchwright.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.config.Environment;
import dev.batchwright.http.Body;
import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.Proxies;
import dev.batchwright.http.ScriptedServer;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BaseUrl;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;
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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The batch API against a server that answers by the path, in the shapes of the wire sheet. */
class AnthropicBatchTest {
    static final BatchTag TAG = new BatchTag("bwabcdefgh012345");
    static final Instant SINCE = Instant.parse("2026-11-20T10:00:00Z");
    static final String BATCHES = "/v1/messages/batches";
    static final String EMPTY_PAGE = "{'data':[],'has_more':false,'first_id':null,'last_id':null}";

    /** What the server says to a request line without its version. */
    final Map<String, Said> answers = new ConcurrentHashMap<>();

    HttpClient http;
    ScriptedServer server;
    AnthropicBatch batch;

    record Said(String status, String body, List<String> headers) {}

    @BeforeEach
    void open() throws IOException {
        http = new HttpClient(Proxies.of(Environment.of(Map.of())));
        server = new ScriptedServer(this::answer);
        batch = batchAt(server.origin());
    }

    @AfterEach
    void close() throws IOException {
        http.close();
        server.close();
    }

    AnthropicBatch batchAt(String origin) {
        var baseUrl = BaseUrl.withoutVersion(origin);
        var account = new Account("ANTHROPIC_API_KEY", baseUrl);
        return new AnthropicBatch(
                http,
                baseUrl.endpoint(Wire.BATCHES),
                Headers.of("x-api-key", "k"),
                new BatchClassifier(account, Clock.systemUTC()),
                Clock.systemUTC());
    }

    private void answer(ScriptedServer.Received request, Socket socket) throws IOException {
        String line = request.requestLine().replace(" HTTP/1.1", "");
        Said said = answers.get(line);
        if (said == null) {
            ScriptedServer.write(socket, "404 Not Found", error("not_found_error", line));
        } else if (said.status().equals("cut")) {
            ScriptedServer.reset(socket);
        } else {
            ScriptedServer.write(
                    socket, said.status(), said.body(), said.headers().toArray(String[]::new));
        }
    }

    void says(String line, String body) {
        says(line, "200 OK", body);
    }

    void says(String line, String status, String body, String... headers) {
        answers.put(line, new Said(status, Json.of(body), List.of(headers)));
    }

    static String error(String type, String message) {
        return Json.of(
                "{'type':'error','error':{'type':'%s','message':\"%s\"},'request_id':'req_1'}"
                        .formatted(type, message));
    }

    static String remote(String id, String more) {
        return "{'id':'%s','type':'message_batch','processing_status':'in_progress','request_counts':{'processing':2,'succeeded':0,'errored':0,'canceled':0,'expired':0},'created_at':'2026-11-20T10:00:00.100435Z','expires_at':'2026-11-21T10:00:00.100435Z'%s}"
                .formatted(id, more);
    }

    static String ended(String id, String counts, String more) {
        return "{'id':'%s','type':'message_batch','processing_status':'ended','request_counts':{'processing':0,%s},'created_at':'2026-11-20T10:00:01Z','expires_at':'2026-11-21T10:00:01Z','ended_at':'2026-11-20T11:00:00Z','results_url':'https://api.anthropic.com/v1/messages/batches/%s/results'%s}"
                .formatted(id, counts, id, more);
    }

    static String page(boolean more, String... batches) {
        String last =
                batches.length == 0
                        ? ""
                        : Json.tree(Json.of(batches[batches.length - 1])).get("id").asString();
        return "{'data':[%s],'has_more':%s,'first_id':'x','last_id':'%s'}"
                .formatted(String.join(",", batches), more, last);
    }

    static BatchOrder order(long requests) {
        return new BatchOrder(
                TAG, Wire.MESSAGES, "", requests, Duration.ofHours(24), Map.of("k", "v"));
    }

    static BatchInput input(String json) {
        return new BatchInput.Inline(Body.json(RawJson.of(json)));
    }

    static <T> T given(BatchAnswer<T> answer) {
        assertThat(answer).isInstanceOf(BatchAnswer.Given.class);
        return ((BatchAnswer.Given<T>) answer).value();
    }

    static String kind(BatchAnswer<?> answer) {
        return switch (answer) {
            case BatchAnswer.Given<?> given -> "given";
            case BatchAnswer.Later<?> later -> later.queueFull() ? "later full" : "later";
            case BatchAnswer.Unknown<?> unknown -> "unknown";
            case BatchAnswer.Missing<?> missing -> "missing";
            case BatchAnswer.Refused<?> refused -> "refused";
            case BatchAnswer.Blocked<?> blocked -> "blocked";
        };
    }

    @Nested
    class The_input {
        static final String BODY = "{\"model\":\"m\", \"max_tokens\" : 1e0}";

        static Request messages(String body) {
            return new Request("anthropic", Wire.MESSAGES, "m", RawJson.of(body));
        }

        static Request chat(String body) {
            return new Request("anthropic", Wire.CHAT, "m", RawJson.of(Json.of(body)));
        }

        String written(WireRequest... requests) throws IOException {
            var out = new ByteArrayOutputStream();
            batch.write(List.of(requests).iterator(), out);
            return out.toString(StandardCharsets.UTF_8);
        }

        @Test
        void is_one_body_with_every_request_as_it_came() throws IOException {
            assertThat(
                            written(
                                    new WireRequest("a1", messages(BODY)),
                                    new WireRequest("a2", messages("{}"))))
                    .isEqualTo(
                            "{\"requests\":[{\"custom_id\":\"a1\",\"params\":%s},{\"custom_id\":\"a2\",\"params\":{}}]}"
                                    .formatted(BODY));
        }

        @Test
        void holds_chat_completions_translated() throws IOException {
            String json =
                    written(
                            new WireRequest(
                                    "a1",
                                    chat(
                                            "{'model':'m','messages':[{'role':'user','content':'hi'}]}")));

            assertThat(Json.tree(json).at("/requests/0/params/max_tokens").asInt()).isEqualTo(4096);
        }

        @Test
        void is_never_longer_than_its_requests_were_said_to_be() throws IOException {
            var requests = new ArrayList<WireRequest>();
            long said = 0;
            for (int i = 1; i <= 3; i++) {
                Request request =
                        i == 2
                                ? messages(BODY)
                                : chat(
                                        "{'messages':[{'role':'tool','tool_call_id':'t','content':''}]}");
                requests.add(new WireRequest(TAG.wireId(999_999_999_999_999_999L), request));
                said += batch.size(request);
                assertThat((long) written(requests.toArray(WireRequest[]::new)).length())
                        .isLessThanOrEqualTo(said);
            }
        }

        @Test
        void is_taken_for_both_endpoints_and_models_may_differ() {
            for (String endpoint : List.of(Wire.MESSAGES, Wire.CHAT)) {
                assertThat(batch.offer(endpoint, "claude-haiku-4-5"))
                        .isInstanceOfSatisfying(
                                BatchOffer.Offered.class,
                                offer -> {
                                    assertThat(offer.requests()).isEqualTo(100_000);
                                    assertThat(offer.bytes()).isLessThanOrEqualTo(256 << 20);
                                    assertThat(offer.uploads()).isFalse();
                                    assertThat(offer.resumable()).isFalse();
                                });
            }
            assertThat(batch.offer("/v1/embeddings", "m"))
                    .isInstanceOf(BatchOffer.NotOffered.class);
        }
    }

    @Nested
    class Creating {
        BatchAnswer<RemoteBatch> create() throws InterruptedException {
            return batch.create(order(2), input("{\"requests\":[]}"));
        }

        @Test
        void sends_the_body_and_gives_the_batch() throws Exception {
            says("POST " + BATCHES, remote("msgbatch_1", ""));

            RemoteBatch created = given(create());

            assertThat(created.id()).isEqualTo("msgbatch_1");
            assertThat(created.phase()).isEqualTo(new Phase.Running("in_progress", List.of()));
            assertThat(created.counts()).isEqualTo(new RemoteBatch.Counts(2, 0, 0));
            assertThat(created.expiresAt()).contains(Instant.parse("2026-11-21T10:00:00.100435Z"));
            var request = server.received.remove();
            assertThat(request.body()).isEqualTo("{\"requests\":[]}");
            assertThat(request.header("content-type")).isEqualTo("application/json");
            assertThat(request.header("x-api-key")).isEqualTo("k");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "400 Bad Request | invalid_request_error | m | refused",
                    "400 Bad Request | invalid_request_error | You have reached your specified API"
                            + " usage limits. | blocked",
                    "401 Unauthorized | authentication_error | m | blocked",
                    "402 Payment Required | billing_error | m | blocked",
                    "403 Forbidden | permission_error | m | blocked",
                    "404 Not Found | not_found_error | m | blocked",
                    "409 Conflict | conflict_error | m | unknown",
                    "413 Too Large | request_too_large | m | refused",
                    "429 Too Many | rate_limit_error | m | later",
                    "429 Too Many | rate_limit_error | Too many requests in the processing queue |"
                            + " later full",
                    "500 Error | api_error | m | unknown",
                    "504 Timeout | timeout_error | m | unknown",
                    "500 Error | invalid_request_error | m | unknown",
                    "503 Error | rate_limit_error | m | unknown",
                    "529 Overloaded | overloaded_error | m | unknown",
                })
        void is_sure_of_nothing_but_what_certainly_was_not_done(
                String status, String type, String message, String expected) throws Exception {
            says("POST " + BATCHES, status, error(type, message));

            assertThat(kind(create())).isEqualTo(expected);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "413 Too Large | <html>413</html> | refused",
                    "502 Bad Gateway | <html>502</html> | unknown",
                    "404 Not Found | <html>404</html> | blocked",
                    "200 OK | {} | unknown",
                    "200 OK | {'id' | unknown",
                    "cut | x | unknown",
                })
        void does_not_trust_what_is_no_answer_of_the_api(
                String status, String body, String expected) throws Exception {
            says("POST " + BATCHES, status, body);

            assertThat(kind(create())).isEqualTo(expected);
        }

        @Test
        void names_the_lines_that_are_to_blame() throws Exception {
            says(
                    "POST " + BATCHES,
                    "400 Bad Request",
                    error(
                            "invalid_request_error",
                            "requests.0.custom_id: Field required, requests.41.params: x"));

            String blamed =
                    switch (create()) {
                        case BatchAnswer.Refused<?>(var error, var problems) ->
                                problems.stream()
                                        .map(InputProblem::line)
                                        .flatMap(Optional::stream)
                                        .toList()
                                        .toString();
                        case BatchAnswer<?> other -> kind(other);
                    };
            assertThat(blamed).isEqualTo("[1, 42]");
        }

        @Test
        void names_the_id_that_is_there_twice() throws Exception {
            String message =
                    "requests: custom_id's must be unique within a batch. Duplicate custom_id"
                            + " found: dup";
            answers.put(
                    "POST " + BATCHES,
                    new Said(
                            "400 Bad Request",
                            "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"%s\"}}"
                                    .formatted(message),
                            List.of()));
            var error = new ItemError("invalid_request_error", message);

            assertThat(create())
                    .isEqualTo(
                            new BatchAnswer.Refused<>(
                                    error,
                                    List.of(
                                            new InputProblem(
                                                    Optional.empty(), Optional.of("dup"), error))));
        }

        @Test
        void waits_as_long_as_it_is_told() throws Exception {
            says(
                    "POST " + BATCHES,
                    "429 Too Many",
                    error("rate_limit_error", "m"),
                    "retry-after: 9");

            assertThat(create())
                    .isEqualTo(
                            new BatchAnswer.Later<>(
                                    new ItemError("rate_limit_error", "m"),
                                    Optional.of(Duration.ofSeconds(9)),
                                    false));
        }

        @Test
        void where_nobody_listens_was_not_done() throws Exception {
            try (var deaf = new Socket()) { // It has the port, and does not listen.
                deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                batch = batchAt("http://127.0.0.1:" + deaf.getLocalPort());

                assertThat(kind(create())).isEqualTo("later");
            }
        }
    }

    @Nested
    class Asking {
        Phase phase(String body) throws InterruptedException {
            says("GET " + BATCHES + "/msgbatch_1", body);
            return given(batch.poll("msgbatch_1")).phase();
        }

        @ParameterizedTest
        @ValueSource(strings = {"in_progress", "canceling", "a_status_of_next_year"})
        void every_status_but_the_last_is_running(String status) throws Exception {
            assertThat(phase("{'id':'msgbatch_1','processing_status':'%s'}".formatted(status)))
                    .isEqualTo(new Phase.Running(status, List.of()));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "'succeeded':2,'errored':0,'canceled':0,'expired':0 | `` | completed",
                    "'succeeded':0,'errored':2,'canceled':0,'expired':0 | `` | completed",
                    "'succeeded':1,'errored':0,'canceled':0,'expired':1 | `` | expired",
                    "'succeeded':1,'errored':0,'canceled':1,'expired':0 |"
                            + " ,'cancel_initiated_at':'2026-11-20T10:30:00Z' | cancelled",
                    // It was quicker than the wish to end it.
                    "'succeeded':2,'errored':0,'canceled':0,'expired':0 |"
                            + " ,'cancel_initiated_at':'2026-11-20T10:30:00Z' | completed",
                })
        void how_it_ended_is_in_the_counts(String counts, String more, String end)
                throws Exception {
            End expected =
                    switch (end) {
                        case "completed" -> new End.Completed();
                        case "expired" -> new End.Expired();
                        default -> new End.Cancelled();
                    };
            assertThat(phase(ended("msgbatch_1", counts, more)))
                    .isEqualTo(
                            new Phase.Ended(
                                    expected, List.of(new ResultFile("results:msgbatch_1"))));
        }

        @Test
        void without_results_there_are_no_files() throws Exception {
            assertThat(phase("{'id':'msgbatch_1','processing_status':'ended','results_url':null}"))
                    .isEqualTo(new Phase.Ended(new End.Completed(), List.of()));
        }

        @Test
        void results_that_were_archived_are_said_to_be_gone() throws Exception {
            assertThat(
                            phase(
                                    ended(
                                            "msgbatch_1",
                                            "'succeeded':2",
                                            ",'archived_at':'2026-12-20T00:00:00Z'")))
                    .isInstanceOfSatisfying(
                            Phase.Ended.class,
                            phase -> {
                                assertThat(phase.files()).isEmpty();
                                assertThat(phase.end())
                                        .isInstanceOfSatisfying(
                                                End.Failed.class,
                                                failed ->
                                                        assertThat(failed.error().code())
                                                                .isEqualTo("results_archived"));
                            });
        }

        @Test
        void a_batch_that_is_not_there_is_missing_and_nothing_worse() throws Exception {
            assertThat(kind(batch.poll("msgbatch_9"))).isEqualTo("missing");
            says("GET " + BATCHES + "/msgbatch_8", "503 x", "<html>");
            assertThat(kind(batch.poll("msgbatch_8"))).isEqualTo("unknown");
        }

        @Test
        void an_id_goes_into_the_path_and_nowhere_else() throws Exception {
            assertThat(kind(batch.poll("a/../b?c d"))).isEqualTo("missing");
            assertThat(server.received.remove().requestLine())
                    .isEqualTo("GET " + BATCHES + "/a%2F..%2Fb%3Fc%20d HTTP/1.1");
        }

        @Test
        void to_cancel_gives_how_it_stands_also_when_it_came_too_late() throws Exception {
            says(
                    "POST " + BATCHES + "/msgbatch_1/cancel",
                    "{'id':'msgbatch_1','processing_status':'canceling'}");
            assertThat(given(batch.cancel("msgbatch_1")).phase())
                    .isEqualTo(new Phase.Running("canceling", List.of()));
            assertThat(server.received.remove().header("content-length")).isEqualTo("0");

            says(
                    "POST " + BATCHES + "/msgbatch_1/cancel",
                    "400 Bad Request",
                    error("invalid_request_error", "ended"));
            assertThat(phase(ended("msgbatch_1", "'succeeded':2", "")))
                    .isInstanceOf(Phase.Ended.class);
            assertThat(given(batch.cancel("msgbatch_1")).phase()).isInstanceOf(Phase.Ended.class);
        }
    }

    @Nested
    class Reading {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();

        BatchAnswer<Long> download() throws InterruptedException {
            return batch.download(new ResultFile("results:msgbatch_1"), 0, out);
        }

        @ParameterizedTest
        @ValueSource(strings = {"{}\n{}", "{}\n{}\n"})
        void gives_lines_that_end_each(String body) throws Exception {
            says("GET " + BATCHES + "/msgbatch_1/results", body);

            assertThat(given(download())).isEqualTo(6);
            assertThat(out).hasToString("{}\n{}\n");
        }

        @Test
        void an_empty_file_stays_empty() throws Exception {
            says("GET " + BATCHES + "/msgbatch_1/results", "");

            assertThat(given(download())).isZero();
        }

        @Test
        void what_is_not_there_yet_is_missing() throws Exception {
            assertThat(kind(download())).isEqualTo("missing");
            assertThat(out.size()).isZero();
        }

        @Test
        void a_proxy_s_path_is_kept() throws Exception {
            says("GET /team/a" + BATCHES + "/msgbatch_1/results", "{}\n");

            assertThat(
                            given(
                                    batchAt(server.origin() + "/team/a/")
                                            .download(
                                                    new ResultFile("results:msgbatch_1"), 0, out)))
                    .isEqualTo(3);
        }
    }

    @Nested
    class Looking_for_a_lost_one {
        static final String FIRST_PAGE = "GET " + BATCHES + "?limit=1000";

        Search search() throws InterruptedException {
            return given(batch.find(order(2), input("{}"), SINCE));
        }

        void results(String id, String rows) {
            says("GET " + BATCHES + "/" + id + "/results", rows);
        }

        String created(String id, String time) {
            return remote(id, "").replace("2026-11-20T10:00:00.100435Z", time);
        }

        @Test
        void finds_nothing_in_an_empty_list() throws Exception {
            says(FIRST_PAGE, EMPTY_PAGE);

            assertThat(search()).isEqualTo(new Search.NotShown());
        }

        @Test
        void can_not_tell_as_long_as_it_runs() throws Exception {
            says(
                    FIRST_PAGE,
                    page(
                            false,
                            remote("later", ""),
                            remote("other_size", "").replace("'processing':2", "'processing':3"),
                            remote("same", ""),
                            created("long_ago", "2026-11-20T09:00:00Z")));

            assertThat(search()).isEqualTo(new Search.Perhaps(List.of("later", "same")));
        }

        @Test
        void allows_for_clocks_that_differ() throws Exception {
            says(FIRST_PAGE, page(false, created("early", "2026-11-20T09:52:00Z")));

            assertThat(search()).isEqualTo(new Search.Perhaps(List.of("early")));
        }

        @Test
        void knows_an_ended_one_by_the_tag_in_its_results() throws Exception {
            says(
                    FIRST_PAGE,
                    page(
                            false,
                            remote("runs", ""),
                            ended("theirs", "'succeeded':2", ""),
                            ended("ours", "'succeeded':1,'errored':1", "")));
            results("theirs", "{'custom_id':'req-1','result':{}}\n");
            results(
                    "ours",
                    "{'result':{'type':'expired'},'custom_id':'%s'}\n{}\n"
                            .formatted(TAG.wireId(7)));

            assertThat(search())
                    .isInstanceOfSatisfying(
                            Search.Found.class,
                            found -> assertThat(found.batch().id()).isEqualTo("ours"));
        }

        @Test
        void excludes_an_ended_one_that_is_somebody_elses() throws Exception {
            says(FIRST_PAGE, page(false, ended("theirs", "'succeeded':2", "")));
            results("theirs", "{'custom_id':'bwzzzzzzzz0123457','result':{}}\n");

            assertThat(search()).isEqualTo(new Search.NotShown());
        }

        @Test
        void reads_no_more_of_the_results_than_it_needs() throws Exception {
            says(FIRST_PAGE, page(false, ended("ours", "'succeeded':2", "")));
            results(
                    "ours",
                    "{'custom_id':'%s','result':{'x':'%s'}}\n"
                            .formatted(TAG.wireId(1), "y".repeat(3 << 20)));

            assertThat(search()).isInstanceOf(Search.Found.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "not json\n", "{}\n"})
        void does_not_exclude_what_it_can_not_read(String rows) throws Exception {
            says(FIRST_PAGE, page(false, ended("ended", "'succeeded':2", "")));
            results("ended", rows);

            assertThat(search()).isEqualTo(new Search.Perhaps(List.of("ended")));
        }

        @Test
        void does_not_exclude_one_whose_results_are_not_given_now() throws Exception {
            says(FIRST_PAGE, page(false, ended("ended", "'succeeded':2", "")));

            assertThat(search()).isEqualTo(new Search.Perhaps(List.of("ended")));
        }

        @Test
        void goes_on_through_every_page_until_it_is_before_that_time() throws Exception {
            says(FIRST_PAGE, page(true, created("a", "2026-11-20T12:00:00Z")));
            says(FIRST_PAGE + "&after_id=a", page(true, created("b", "2026-11-20T10:05:00Z")));
            says(FIRST_PAGE + "&after_id=b", page(true, created("c", "2026-11-20T09:00:00Z")));

            assertThat(search()).isEqualTo(new Search.Perhaps(List.of("a", "b")));
            assertThat(server.received).hasSize(3);
        }

        @Test
        void does_not_stop_early_in_a_list_without_order() throws Exception {
            says(
                    FIRST_PAGE,
                    page(
                            true,
                            created("old", "2026-11-19T00:00:00Z"),
                            created("young", "2026-11-20T12:00:00Z"),
                            created("a", "2026-11-18T00:00:00Z")));
            says(FIRST_PAGE + "&after_id=a", page(false, remote("b", "")));

            assertThat(search()).isEqualTo(new Search.Perhaps(List.of("young", "b")));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{}",
                    "{'data':[],'has_more':true,'last_id':null}",
                    "{'data':[{}],'has_more':false}",
                    "{'data':",
                })
        void proves_nothing_by_a_list_that_is_not_whole(String list) throws Exception {
            says(FIRST_PAGE, list);

            assertThat(kind(batch.find(order(2), input("{}"), SINCE))).isEqualTo("unknown");
        }

        @Test
        void says_so_when_it_is_not_let_in() throws Exception {
            says(FIRST_PAGE, "401 x", error("authentication_error", "m"));
            assertThat(kind(batch.find(order(2), input("{}"), SINCE))).isEqualTo("blocked");
            says(FIRST_PAGE, "400 x", error("invalid_request_error", "m"));
            assertThat(kind(batch.find(order(2), input("{}"), SINCE))).isEqualTo("unknown");
            says(FIRST_PAGE, "429 x", error("rate_limit_error", "m"));
            assertThat(kind(batch.find(order(2), input("{}"), SINCE))).isEqualTo("later");
            says(FIRST_PAGE, "cut", "x");
            assertThat(kind(batch.find(order(2), input("{}"), SINCE))).isEqualTo("unknown");
        }
    }
}
