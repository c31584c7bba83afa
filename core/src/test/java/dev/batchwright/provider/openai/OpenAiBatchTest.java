package dev.batchwright.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.http.Body;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchAnswer.Blocked;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Later;
import dev.batchwright.provider.BatchAnswer.Missing;
import dev.batchwright.provider.BatchAnswer.Refused;
import dev.batchwright.provider.BatchAnswer.Unknown;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.Counts;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.WireRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

@Timeout(30)
class OpenAiBatchTest {
    static final String CHAT = "/v1/chat/completions";
    static final BatchTag TAG = new BatchTag("bw0123456789abcd");
    static final Duration DAY = Duration.ofHours(24);
    static final BatchInput FILE = new BatchInput.Uploaded("file-7Qd");
    static final Instant SINCE = Instant.ofEpochSecond(1_790_000_000);

    ScriptedApi api;

    @BeforeEach
    void open() throws IOException {
        api = new ScriptedApi();
    }

    @AfterEach
    void close() throws IOException {
        api.close();
    }

    BatchApi batch() {
        return batch("openai");
    }

    BatchApi batch(String provider) {
        return api.provider(provider, "/v1").batch().orElseThrow();
    }

    static BatchOrder order(Duration window, Map<String, String> metadata) {
        return new BatchOrder(TAG, CHAT, "gpt-5-mini", 2, window, metadata);
    }

    static BatchOrder order() {
        return order(DAY, Map.of());
    }

    static Request request(String body) {
        return new Request("openai", CHAT, "gpt-5-mini", RawJson.of(body));
    }

    /** A batch as OpenAI tells it, with nulls for what is not yet. */
    static String object(String status, String more) {
        return "{'id':'batch_68','object':'batch','endpoint':'/v1/chat/completions','model':null,'errors':null,'input_file_id':'file-7Qd','completion_window':'24h','status':'%s','output_file_id':null,'error_file_id':null,'created_at':1790000010,'in_progress_at':null,'expires_at':1790086410,'request_counts':{'total':0,'completed':0,'failed':0},'usage':null,'metadata':{'batchwright':'%s'}%s}"
                .formatted(status, TAG, more);
    }

    static RemoteBatch given(BatchAnswer<RemoteBatch> answer) {
        assertThat(answer).isInstanceOf(Given.class);
        return ((Given<RemoteBatch>) answer).value();
    }

    static End end(BatchAnswer<RemoteBatch> answer) {
        assertThat(given(answer).phase()).isInstanceOf(Phase.Ended.class);
        return ((Phase.Ended) given(answer).phase()).end();
    }

    static String kind(BatchAnswer<?> answer) {
        return switch (answer) {
            case Given<?> given -> "given";
            case Later<?> later ->
                    later.queueFull() ? "queue full" : "later " + later.error().code();
            case Unknown<?> unknown -> "unknown " + unknown.error().code();
            case Missing<?> missing -> "missing";
            case Refused<?> refused -> "refused " + refused.error().code();
            case Blocked<?> blocked -> "blocked";
        };
    }

    @Nested
    class Doublewords_results {
        static final String CONTENT = "GET /v1/files/o-1/content?skip=2";

        final ByteArrayOutputStream out = new ByteArrayOutputStream();

        BatchAnswer<Long> behindTwo() throws InterruptedException {
            return batch("doubleword").download(new ResultFile("output:o-1").behind(2), 0, out);
        }

        @Test
        void can_be_read_while_a_batch_runs_but_for_failures_which_may_be_tried_again()
                throws Exception {
            api.on(
                    "GET /v1/batches/b",
                    200,
                    "{'id':'b','status':'in_progress','output_file_id':'o-1','error_file_id':'e-1'}");
            assertThat(given(batch("doubleword").poll("b")).phase())
                    .isEqualTo(
                            new Phase.Running(
                                    "in_progress", List.of(new ResultFile("output:o-1"))));
            assertThat(given(batch("parasail").poll("b")).phase())
                    .isEqualTo(new Phase.Running("in_progress", List.of()));
        }

        @Test
        void go_on_behind_the_lines_that_are_known() throws Exception {
            api.on(CONTENT, 200, "{'c':3}\n{'d':4}\n", "X-Incomplete: true", "X-Last-Line: 4");
            assertThat(behindTwo()).isEqualTo(new Given<>(16L));
        }

        @Test
        void from_a_server_that_begins_elsewhere_are_not_taken() throws Exception {
            api.on(CONTENT, 200, "{'a':1}\n{'b':2}\n{'c':3}\n", "X-Last-Line: 3");
            assertThat(behindTwo()).isInstanceOf(Refused.class);
        }

        @Test
        void without_a_word_of_where_they_begin_are_not_taken() throws Exception {
            api.on(CONTENT, 200, "{'c':3}\n");
            assertThat(behindTwo()).isInstanceOf(Refused.class);
        }
    }

    @Nested
    class The_offer {
        @Test
        void limits_the_texts_to_embed_where_openai_does() {
            assertThat(inputs("openai", "/v1/embeddings")).hasValue(50_000);
            assertThat(inputs("openai", CHAT)).isEmpty();
            assertThat(inputs("parasail", "/v1/embeddings")).isEmpty();
        }

        private OptionalLong inputs(String provider, String endpoint) {
            return ((BatchOffer.Offered) batch(provider).offer(endpoint, "m")).inputs();
        }

        @Test
        void has_the_limits_of_the_provider() {
            assertThat(batch().offer(CHAT, "gpt-5-mini"))
                    .isInstanceOfSatisfying(
                            BatchOffer.Offered.class,
                            offer -> {
                                assertThat(offer.requests()).isEqualTo(50_000);
                                assertThat(offer.bytes()).isEqualTo(200_000_000);
                                assertThat(offer.uploads()).isTrue();
                                assertThat(offer.window()).isEqualTo(DAY);
                            });
        }

        @Test
        void names_what_is_taken_instead() {
            assertThat(batch("groq").offer("/v1/embeddings", "m"))
                    .isEqualTo(
                            new BatchOffer.NotOffered(
                                    "groq takes no /v1/embeddings in batches, only"
                                            + " /v1/chat/completions"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"deepseek", "ollama", "vllm", "openrouter"})
        void of_a_provider_without_batches_says_why(String provider) {
            assertThat(batch(provider).offer(CHAT, "m"))
                    .isInstanceOfSatisfying(
                            BatchOffer.NotOffered.class,
                            no -> assertThat(no.reason()).contains(provider));
        }

        @Test
        void of_an_unknown_server_is_whatever_it_takes() {
            assertThat(batch("compatible").offer("/v1/score", "m"))
                    .isInstanceOf(BatchOffer.Offered.class);
        }

        @Test
        void belongs_to_an_account_that_is_told_by_provider_place_and_variable() {
            assertThat(api.provider("openai", "/v1").account())
                    .isEqualTo("openai@" + api.origin() + "/v1#KEY");
        }
    }

    @Nested
    class The_input {
        @Test
        void is_spliced_from_the_requests_own_bytes() throws Exception {
            var out = new ByteArrayOutputStream();
            var requests =
                    List.of(
                            new WireRequest(TAG.wireId(1), request("{\"model\": \"m\",\"x\":1e2}")),
                            new WireRequest(TAG.wireId(2), request("{}")));
            batch().write(requests.iterator(), out);

            assertThat(out.toString(StandardCharsets.UTF_8))
                    .isEqualTo(
                            """
                            {"custom_id":"bw0123456789abcd1","method":"POST","url":"/v1/chat/completions","body":{"model": "m","x":1e2}}
                            {"custom_id":"bw0123456789abcd2","method":"POST","url":"/v1/chat/completions","body":{}}
                            """);
        }

        @Test
        void is_as_large_as_was_said_where_the_id_is_the_longest() throws Exception {
            var out = new ByteArrayOutputStream();
            var longest = new WireRequest(TAG.wireId(999_999_999_999_999_999L), request("{}"));
            batch().write(List.of(longest).iterator(), out);

            assertThat(batch().size(longest.request())).isGreaterThanOrEqualTo(out.size());
            assertThat(batch().size(longest.request()) - out.size()).isLessThan(3);
        }

        @ParameterizedTest
        @CsvSource({
            "/openai/v1, /v1/chat/completions",
            "/openai?api-version=2025-04-01, /chat/completions"
        })
        void of_azure_has_urls_as_its_base_url_has_them(String path, String url) throws Exception {
            var out = new ByteArrayOutputStream();
            BatchApi azure = api.provider("azure", path).batch().orElseThrow();
            azure.write(List.of(new WireRequest("a1", request("{}"))).iterator(), out);

            assertThat(out.toString(StandardCharsets.UTF_8)).contains("\"url\":\"" + url + "\"");
        }

        @Test
        void of_older_azure_is_uploaded_with_the_version_in_the_query() throws Exception {
            api.on("POST /openai/files?api-version=1", 201, "{'id':'file-a'}")
                    .on("GET /openai/batches/b?api-version=1", 200, object("completed", ""))
                    .on(
                            "GET /openai/batches?api-version=1&limit=100",
                            200,
                            "{'data':[],'has_more':false}");
            BatchApi azure = api.provider("azure", "/openai?api-version=1").batch().orElseThrow();

            assertThat(azure.upload(order(), Body.json(RawJson.of("{}"))))
                    .isEqualTo(new Given<>("file-a"));
            assertThat(end(azure.poll("b"))).isEqualTo(new End.Completed());
            assertThat(azure.find(order(), FILE, SINCE))
                    .isEqualTo(new Given<>(new Search.NotShown()));
            assertThat(api.received())
                    .allSatisfy(call -> assertThat(call.header("api-key")).isEqualTo("k"));
        }

        @Test
        void is_uploaded_under_the_name_of_its_tag() throws Exception {
            api.on("POST /v1/files", 200, "{'id':'file-7Qd','object':'file'}");

            assertThat(batch().upload(order(), Body.json(RawJson.of("{\"l\":1}"))))
                    .isEqualTo(new Given<>("file-7Qd"));
            assertThat(api.sent("POST /v1/files"))
                    .contains("name=\"purpose\"\r\n\r\nbatch\r\n")
                    .contains("filename=\"batchwright-bw0123456789abcd.jsonl\"")
                    .contains("{\"l\":1}");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "400 | {'error':{'message':'Invalid file format for Batch API. Must be"
                        + " .jsonl','type':'invalid_request_error','param':null,'code':null},'detail':{}}"
                        + " | refused invalid_request_error",
                    "413 | {'error':{'message':'too large'}} | refused http_413",
                    "404 | {'detail':'Not Found'} | blocked",
                    "404 | <html>nothing here</html> | blocked",
                    "401 | Unauthorized | blocked",
                    "429 | {'error':{'message':'slow','code':'rate_limit_exceeded'}} | later"
                            + " rate_limit_exceeded",
                    "503 | {'error':{'message':'busy'}} | unknown http_503",
                    "200 | {'object':'file'} | unknown unexpected_answer",
                    "0 | . | unknown connection_broken",
                })
        void that_is_not_taken(int status, String body, String kind) throws Exception {
            api.on("POST /v1/files", status, body);

            assertThat(kind(batch().upload(order(), Body.json(RawJson.of("{}"))))).isEqualTo(kind);
        }

        @Test
        void with_wrong_lines_is_refused_with_their_numbers() throws Exception {
            api.on(
                    "POST /v1/files",
                    400,
                    "{'error':{'message':'Invalid JSON on line 17: expected"
                            + " value','type':'invalid_request_error'}}");

            var error =
                    new ItemError(
                            "invalid_request_error", "Invalid JSON on line 17: expected value");
            assertThat(batch("doubleword").upload(order(), Body.json(RawJson.of("{}"))))
                    .isEqualTo(
                            new Refused<String>(
                                    error,
                                    List.of(
                                            new InputProblem(
                                                    Optional.of(17L), Optional.empty(), error))));
        }
    }

    @Nested
    class Creating {
        @Test
        void sends_the_tag_the_count_and_the_users_own_metadata_once() throws Exception {
            api.on("POST /v1/batches", 200, object("validating", ""));
            var answer = batch().create(order(DAY, Map.of("run", "17")), FILE);

            assertThat(given(answer))
                    .isEqualTo(
                            new RemoteBatch(
                                    "batch_68",
                                    Optional.of(CHAT),
                                    new Phase.Running("validating", List.of()),
                                    Counts.NONE,
                                    Optional.of(Instant.ofEpochSecond(1_790_086_410))));
            assertThat(api.sent("POST /v1/batches"))
                    .isEqualTo(
                            """
                            {"input_file_id":"file-7Qd","endpoint":"/v1/chat/completions","completion_window":"24h","metadata":{"batchwright":"bw0123456789abcd","requests":"2","run":"17"}}\
                            """
                                    .strip());
            assertThat(api.received()).hasSize(1);
        }

        @Test
        void leaves_out_metadata_that_has_no_room() throws Exception {
            api.on("POST /v1/batches", 200, object("validating", ""));
            Map<String, String> many =
                    new HashMap<>(
                            IntStream.range(10, 40)
                                    .boxed()
                                    .collect(Collectors.toMap(i -> "k" + i, i -> "v")));
            many.put("a".repeat(65), "v");
            many.put("b", "v".repeat(513));
            many.put("batchwright", "mine");
            batch().create(order(DAY, many), FILE);

            assertThat(api.sent("POST /v1/batches"))
                    .contains("\"batchwright\":\"bw0123456789abcd\"")
                    .contains("\"k23\"")
                    .doesNotContain("\"k24\"")
                    .doesNotContain("aaa")
                    .doesNotContain("vvv")
                    .doesNotContain("mine");
        }

        @Test
        void leaves_out_the_names_that_doubleword_writes_itself() throws Exception {
            api.on("POST /v1/batches", 201, object("validating", ""));
            batch("doubleword")
                    .create(order(DAY, Map.of("dw_x", "1", "created_by", "2", "run", "3")), FILE);

            assertThat(api.sent("POST /v1/batches"))
                    .contains("\"run\":\"3\"")
                    .doesNotContain("dw_x")
                    .doesNotContain("created_by");
        }

        @ParameterizedTest
        @CsvSource({
            "openai, PT24H, 24h",
            "groq, PT24H, 24h",
            "groq, PT36H, 36h",
            "groq, P7D, 7d",
            "doubleword, PT1H, 1h",
            "compatible, PT90M, 90m"
        })
        void asks_for_the_window(String provider, Duration window, String text) throws Exception {
            api.on("POST /v1/batches", 200, object("validating", ""));
            batch(provider).create(order(window, Map.of()), FILE);

            assertThat(api.sent("POST /v1/batches"))
                    .contains("\"completion_window\":\"" + text + "\"");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "openai | PT48H | openai takes a completion window of 24h only, not of 2d."
                            + " Nothing was sent.",
                    "groq | PT1H | groq takes a completion window of 24h to 7d, not of 1h. Nothing"
                            + " was sent."
                })
        void refuses_a_window_that_is_not_taken(String provider, Duration window, String message)
                throws Exception {
            assertThat(batch(provider).create(order(window, Map.of()), FILE))
                    .isEqualTo(
                            new Refused<>(
                                    new ItemError("completion_window_unsupported", message),
                                    List.of()));
            assertThat(api.received()).isEmpty();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "201 | {'id':'x','status':'validating'} | given",
                    "200 | {'id':'x'} | unknown unexpected_answer",
                    "200 | <html> | unknown unexpected_answer",
                    "200 | {'error':{'message':'m'}} | unknown unexpected_answer",
                    "500 | {'error':{'message':'m','code':'server_error'}} | unknown server_error",
                    "502 | <html> | unknown http_502",
                    "503 | {'error':{'message':'m','code':'slow_down'}} | unknown slow_down",
                    "408 | {'error':{'message':'m'}} | unknown http_408",
                    "0 | . | unknown connection_broken",
                    "429 | {'error':{'message':'m','code':'rate_limit_exceeded'}} | later"
                            + " rate_limit_exceeded",
                    "429 | {'error':{'message':'Enqueued token limit reached for m'}} | queue full",
                    "429 | {'error':{'message':'Too many batches in the queue'}} | queue full",
                    "429 | {'error':{'message':'m','code':'insufficient_quota'}} | blocked",
                    "429 | {'error':{'message':'m','code':'project_spend_limit_exceeded'}} |"
                            + " blocked",
                    "425 | {'error':{'message':'m'}} | later http_425",
                    "409 | {'error':{'message':'m'}} | refused http_409",
                    "401 | {'error':{'message':'m','code':'invalid_api_key'}} | blocked",
                    "402 | {'error':{'message':'m'}} | blocked",
                    "403 | {'error':{'message':'m'}} | blocked",
                    "404 | {'error':{'message':'No such File object: file-7Qd'}} | later http_404",
                    "404 | nothing here | blocked",
                    "400 | {'error':{'message':'Cannot find file file-7Qd, or organization does"
                            + " not have access to it.','param':'file_id'}} | later http_400",
                    "400 | {'error':{'message':'Invalid"
                            + " value','param':'endpoint','code':'invalid_value'}} | refused"
                            + " invalid_value",
                    "302 | . | unknown http_302",
                })
        void an_answer_proves_what_was_done(int status, String body, String kind) throws Exception {
            api.on("POST /v1/batches", status, body);

            assertThat(kind(batch().create(order(), FILE))).isEqualTo(kind);
            assertThat(api.received()).hasSize(1);
        }

        @Test
        void waits_as_long_as_the_provider_wants() throws Exception {
            api.on("POST /v1/batches", 429, "{'error':{'message':'m'}}", "Retry-After: 7");

            assertThat(batch().create(order(), FILE))
                    .isEqualTo(
                            new Later<RemoteBatch>(
                                    new ItemError("http_429", "m"),
                                    Optional.of(Duration.ofSeconds(7)),
                                    false));
        }

        @Test
        void without_a_connection_did_nothing() throws Exception {
            try (var deaf = new Socket()) { // It has the port, and does not listen.
                deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                BatchApi nobody =
                        api.providerAt(
                                        "openai",
                                        "http://127.0.0.1:%d/v1".formatted(deaf.getLocalPort()))
                                .batch()
                                .orElseThrow();
                assertThat(kind(nobody.create(order(), FILE))).isEqualTo("later unreachable");
            }
        }
    }

    @Nested
    class Finding {
        static String listed(String id, long created, String more) {
            return "{'id':'%s','status':'in_progress','created_at':%d%s}"
                    .formatted(id, created, more);
        }

        static final String OURS = ",'metadata':{'batchwright':'" + TAG + "'}";

        @Test
        void goes_through_the_pages_to_the_tag() throws Exception {
            api.on(
                            "GET /v1/batches?limit=100",
                            200,
                            "{'data':[%s,%s],'last_id':'b2','has_more':true}"
                                    .formatted(
                                            listed("b1", 1_790_000_900, ""),
                                            listed("b2", 1_790_000_800, "")))
                    .on(
                            "GET /v1/batches?limit=100&after=b2",
                            200,
                            "{'data':[%s],'has_more':false}"
                                    .formatted(listed("b3", 1_790_000_010, OURS)));

            assertThat(found()).isEqualTo("b3");
        }

        String found() throws InterruptedException {
            return switch (batch().find(order(), FILE, SINCE)) {
                case Given<Search>(Search.Found(var batch)) -> batch.id();
                case Given<Search>(var none) -> none.toString();
                case BatchAnswer<Search> other -> kind(other);
            };
        }

        @Test
        void ends_where_batches_are_too_old_to_be_ours() throws Exception {
            api.on(
                    "GET /v1/batches?limit=100",
                    200,
                    "{'data':[%s,%s],'last_id':'b2','has_more':true}"
                            .formatted(
                                    listed("b1", 1_790_000_900, ""),
                                    listed("b2", 1_789_990_000, OURS)));

            assertThat(found()).isEqualTo("b2");
            assertThat(api.received()).hasSize(1);
        }

        @Test
        void trusts_no_order_that_the_list_does_not_keep() throws Exception {
            api.on(
                            "GET /v1/batches?limit=100",
                            200,
                            "{'data':[%s,%s],'last_id':'b2','has_more':true}"
                                    .formatted(
                                            listed("b1", 1_780_000_000, ""),
                                            listed("b2", 1_780_000_100, "")))
                    .on(
                            "GET /v1/batches?limit=100&after=b2",
                            200,
                            "{'data':[%s],'has_more':false}"
                                    .formatted(listed("b3", 1_790_000_010, OURS)));

            assertThat(found()).isEqualTo("b3");
        }

        @Test
        void of_several_takes_the_oldest() throws Exception {
            api.on(
                    "GET /v1/batches?limit=100",
                    200,
                    "{'data':[%s,%s,%s],'has_more':false}"
                            .formatted(
                                    listed("b3", 1_790_000_030, OURS),
                                    listed("b2", 1_790_000_020, OURS),
                                    listed("b1", 1_790_000_020, OURS)));

            assertThat(found()).isEqualTo("b1");
        }

        @Test
        void knows_a_batch_by_its_file_where_metadata_is_forgotten() throws Exception {
            api.on(
                    "GET /v1/batches?limit=100",
                    200,
                    "{'data':[%s,%s],'has_more':false}"
                            .formatted(
                                    listed(
                                            "b2",
                                            1_790_000_030,
                                            ",'input_file_id':'file-7Qd','metadata':{'batchwright':'bwzzzzzzzzzzzzzz'}"),
                                    listed("b1", 1_790_000_020, ",'input_file_id':'file-7Qd'")));

            assertThat(found()).isEqualTo("b1");
        }

        @Test
        void in_a_list_without_an_end_goes_on_until_nothing_new_comes() throws Exception {
            api.on(
                            "GET /v1/batches?limit=100",
                            200,
                            "{'data':[%s]}".formatted(listed("b1", 1_790_000_900, "")))
                    .on("GET /v1/batches?limit=100&after=b1", 200, "{'data':[]}");

            assertThat(found()).isEqualTo("NotShown[]");
        }

        @Test
        void proves_nothing_by_a_list_that_does_not_go_on() throws Exception {
            String page =
                    "{'data':[%s],'has_more':true}".formatted(listed("b1", 1_790_000_900, ""));
            api.on("GET /v1/batches?limit=100", 200, page)
                    .on("GET /v1/batches?limit=100&after=b1", 200, page);

            assertThat(found()).isEqualTo("unknown list_incomplete");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "404 | {'error':{'message':'m'}} | unknown http_404",
                    "405 | {'error':{'message':'m'}} | unknown http_405",
                    "500 | . | unknown http_500",
                    "429 | {'error':{'message':'m'}} | later http_429",
                    "401 | . | blocked",
                    "200 | <html> | unknown unexpected_answer",
                })
        void proves_nothing_by_a_page_that_is_not_shown(int status, String body, String kind)
                throws Exception {
            api.on("GET /v1/batches?limit=100", status, body);

            assertThat(found()).isEqualTo(kind);
        }
    }

    @Nested
    class Polling {
        RemoteBatch poll(String object) throws InterruptedException {
            api.on("GET /v1/batches/batch_68", 200, object);
            return given(batch().poll("batch_68"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "validating",
                    "in_progress",
                    "finalizing",
                    "cancelling",
                    "canceling",
                    "never_heard_of"
                })
        void an_unfinished_or_unknown_status_is_running(String status) throws Exception {
            assertThat(poll(object(status, "")).phase())
                    .isEqualTo(new Phase.Running(status, List.of()));
        }

        @ParameterizedTest
        @CsvSource({
            "completed, Completed[]",
            "COMPLETED, Completed[]",
            "expired, Expired[]",
            "cancelled, Cancelled[]",
            "canceled, Cancelled[]"
        })
        void the_ends(String status, String end) throws Exception {
            assertThat(poll(object(status, "")).phase())
                    .isInstanceOfSatisfying(
                            Phase.Ended.class,
                            ended -> {
                                assertThat(ended.end()).hasToString(end);
                                assertThat(ended.files()).isEmpty();
                            });
        }

        @ParameterizedTest
        @ValueSource(strings = {"completed", "failed", "expired", "cancelled"})
        void files_are_told_in_every_final_state_and_empty_ones_are_absent(String status)
                throws Exception {
            var both = poll(object(status, "").replace("_file_id':null", "_file_id':'f'"));
            assertThat(((Phase.Ended) both.phase()).files())
                    .containsExactly(new ResultFile("output:f"), new ResultFile("error:f"));
        }

        @Test
        void a_file_without_a_name_is_no_file() throws Exception {
            var one =
                    poll(
                            object("completed", "")
                                    .replace("'output_file_id':null", "'output_file_id':''")
                                    .replace("'error_file_id':null", "'error_file_id':'e'"));
            assertThat(((Phase.Ended) one.phase()).files())
                    .containsExactly(new ResultFile("error:e"));
        }

        @Test
        void counts_may_be_null_absent_or_text() throws Exception {
            assertThat(
                            poll("{'id':'b','status':'in_progress','request_counts':{'total':'7','completed':null}}")
                                    .counts())
                    .isEqualTo(new Counts(7, 0, 0));
        }

        @Test
        void a_batch_that_is_not_there_is_missing() throws Exception {
            assertThat(kind(batch().poll("batch_68"))).isEqualTo("missing");
            api.on("GET /v1/batches/b2", 404, "404 page not found");
            assertThat(kind(batch().poll("b2"))).isEqualTo("missing");
        }

        @Test
        void an_id_can_be_anything() throws Exception {
            api.on("GET /v1/batches/a%2Fb%20c%3F", 200, object("completed", ""));
            assertThat(end(batch().poll("a/b c?"))).isEqualTo(new End.Completed());
        }

        End failed(String problems) throws InterruptedException {
            api.on(
                    "GET /v1/batches/batch_68",
                    200,
                    object("failed", "")
                            .replace(
                                    "'errors':null",
                                    "'errors':{'object':'list','data':[%s]}".formatted(problems)));
            return end(batch().poll("batch_68"));
        }

        @Test
        void wrong_lines_are_told_by_number() throws Exception {
            End end =
                    failed(
                            "{'code':'invalid_json_line','message':'not"
                                + " JSON','param':null,'line':2},{'code':'duplicate_custom_id','message':'again','param':'custom_id','line':7}");
            assertThat(end)
                    .isInstanceOfSatisfying(
                            End.Invalid.class,
                            invalid -> {
                                assertThat(invalid.problems()).hasSize(2);
                                assertThat(invalid.problems().getFirst().line()).hasValue(2L);
                                assertThat(invalid.problems().getFirst().error())
                                        .isEqualTo(new ItemError("invalid_json_line", "not JSON"));
                            });
        }

        @Test
        void the_enqueued_token_limit_is_no_fault_of_the_input() throws Exception {
            assertThat(
                            failed(
                                    "{'code':'token_limit_exceeded','message':'Enqueued token limit"
                                        + " reached for m in organization o. Limit: 2,000,000"
                                        + " enqueued tokens. Please try again once some in_progress"
                                        + " batches have been"
                                        + " completed.','param':null,'line':null}"))
                    .isInstanceOfSatisfying(
                            End.QueueFull.class,
                            full -> assertThat(full.limit()).hasValue(2_000_000L));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{'code':'model_not_found','message':'The provided model x is not supported by"
                            + " the Batch API.','param':'body.model','line':1}",
                    "{'code':'invalid_request','message':'Model x is not supported by the Batch"
                            + " API.'}"
                })
        void a_model_that_is_not_in_batches_concerns_every_batch_of_it(String problem)
                throws Exception {
            assertThat(failed(problem)).isInstanceOf(End.NotOffered.class);
        }

        @Test
        void a_spent_account_blocks() throws Exception {
            assertThat(failed("{'code':'billing_hard_limit_reached','message':'m'}"))
                    .isInstanceOf(End.Blocked.class);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "{}",
                    "{'code':'server_error','message':'m'}",
                    "{'code':'invalid_request','message':'file not visible','param':'file_id'}"
                })
        void anything_else_is_the_providers_own_failure(String problems) throws Exception {
            assertThat(failed(problems)).isInstanceOf(End.Failed.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"empty_file", "too_many_tasks", "model_mismatch"})
        void azures_words_are_understood(String code) throws Exception {
            assertThat(failed("{'code':'%s','message':'m'}".formatted(code)))
                    .isInstanceOf(End.Invalid.class);
        }
    }

    @Nested
    class Cancelling {
        @Test
        void asks_for_it() throws Exception {
            api.on("POST /v1/batches/batch_68/cancel", 200, object("cancelling", ""));

            assertThat(given(batch().cancel("batch_68")).phase())
                    .isEqualTo(new Phase.Running("cancelling", List.of()));
            assertThat(api.received().remove().header("content-length")).isEqualTo("0");
        }

        @Test
        void what_has_ended_is_told_as_it_is() throws Exception {
            api.on(
                            "POST /v1/batches/batch_68/cancel",
                            409,
                            "{'error':{'message':'Cannot cancel a batch with status"
                                + " completed.','type':'invalid_request_error','param':null,'code':null}}")
                    .on("GET /v1/batches/batch_68", 200, object("completed", ""));

            assertThat(end(batch().cancel("batch_68"))).isEqualTo(new End.Completed());
        }

        @Test
        void what_is_not_there_is_missing() throws Exception {
            assertThat(kind(batch().cancel("b"))).isEqualTo("missing");
        }
    }

    @Nested
    class Downloading {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();

        BatchAnswer<Long> download(long from) throws InterruptedException {
            return batch().download(new ResultFile("output:file-o"), from, out);
        }

        String written() {
            return out.toString(StandardCharsets.UTF_8);
        }

        @ParameterizedTest
        @CsvSource({
            "'{}\n{}\n', 0, 6, '{}\n{}\n'",
            "'{}\n{}', 0, 6, '{}\n{}\n'",
            "'{}\n{}', 3, 6, '{}\n'",
            "'{}\n{}', 5, 6, '\n'",
            "'{}\n{}', 6, 6, ''",
            "'{}\n{}\n', 6, 6, ''",
            "'', 0, 0, ''"
        })
        void gives_lines_and_goes_on_where_it_was_cut(
                String file, long from, long length, String rest) throws Exception {
            api.on("GET /v1/files/file-o/content", 200, file);

            assertThat(download(from)).isEqualTo(new Given<>(length));
            assertThat(written()).isEqualTo(rest);
        }

        @Test
        void follows_to_a_signed_address_without_the_key() throws Exception {
            try (var storage = new ScriptedApi()) {
                storage.on("GET /o?sig=s", 200, "{}\n");
                api.on(
                        "GET /v1/files/file-o/content",
                        302,
                        "",
                        "Location: " + storage.origin() + "/o?sig=s");

                assertThat(kind(download(0))).isEqualTo("given");
                assertThat(storage.received().remove().header("authorization")).isEmpty();
                assertThat(api.received().remove().header("authorization")).isEqualTo("Bearer k");
            }
        }

        @Test
        void a_file_that_is_gone_is_missing() throws Exception {
            assertThat(kind(download(0))).isEqualTo("missing");
        }

        @ParameterizedTest
        @CsvSource({"500, unknown http_500", "0, unknown connection_broken", "401, blocked"})
        void what_does_not_come(int status, String kind) throws Exception {
            api.on("GET /v1/files/file-o/content", status, "");
            assertThat(kind(download(0))).isEqualTo(kind);
        }
    }
}
