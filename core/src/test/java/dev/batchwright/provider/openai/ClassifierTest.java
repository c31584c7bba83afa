package dev.batchwright.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpResult;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.AttemptOutcome.Blocked;
import dev.batchwright.provider.AttemptOutcome.Rejected;
import dev.batchwright.provider.AttemptOutcome.Success;
import dev.batchwright.provider.AttemptOutcome.Throttled;
import dev.batchwright.provider.AttemptOutcome.Transient;
import dev.batchwright.provider.BaseUrl;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;

class ClassifierTest {
    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    static final String CHAT = "/v1/chat/completions";
    static final String OK =
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}";

    static Classifier classifier(String provider) {
        OpenAiApi api = OpenAiApi.named(provider).orElseThrow();
        var baseUrl = BaseUrl.parse(api.baseUrl().orElse("https://host/v1"), "");
        return new Classifier(
                api, new Account(provider, api.keyVariables().stream().findFirst(), baseUrl));
    }

    static HttpResult.Response response(int status, String body, String... headers) {
        var all = new ArrayList<Headers.Header>();
        for (String line : headers) {
            String[] parts = line.split(": ", 2);
            all.add(new Headers.Header(parts[0], parts[1]));
        }
        return new HttpResult.Response(
                status, new Headers(all), body.getBytes(StandardCharsets.UTF_8));
    }

    static AttemptOutcome classify(String endpoint, HttpResult result) {
        return classifier("openai").classify(result, endpoint, NOW);
    }

    static AttemptOutcome classify(int status, String body, String... headers) {
        return classify(CHAT, response(status, body, headers));
    }

    static String kind(AttemptOutcome outcome) {
        return switch (outcome) {
            case Success success -> "success";
            case Throttled throttled -> "throttled " + throttled.error().code();
            case Transient broken ->
                    (broken.overloaded() ? "overloaded " : "transient ") + broken.error().code();
            case Rejected rejected -> "rejected " + rejected.error().code();
            case AttemptOutcome.Unreachable nobody -> "unreachable";
            case Blocked blocked -> "blocked";
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                // OpenAI's own table.
                "400 |"
                    + " {'error':{'message':'m','type':'invalid_request_error','param':'temperature','code':'decimal_above_max_value'}}"
                    + " | rejected decimal_above_max_value",
                "400 |"
                    + " {'error':{'message':'m','type':'invalid_request_error','param':null,'code':'context_length_exceeded'}}"
                    + " | rejected context_length_exceeded",
                "400 |"
                    + " {'error':{'message':'m','type':'invalid_request_error','param':null,'code':null}}"
                    + " | rejected invalid_request_error",
                "401 |"
                    + " {'error':{'message':'m','type':'invalid_request_error','param':null,'code':'invalid_api_key'}}"
                    + " | blocked",
                "401 | {'error':{'message':'not a"
                        + " member','type':'invalid_request_error','code':null}} | blocked",
                "403 |"
                    + " {'error':{'message':'m','type':'x','code':'unsupported_country_region_territory'}}"
                    + " | blocked",
                "403 | {'error':{'message':'no access to"
                    + " model','type':'invalid_request_error','code':'model_not_found'}} | rejected"
                    + " model_not_found",
                "404 |"
                    + " {'error':{'message':'m','type':'invalid_request_error','code':'model_not_found'}}"
                    + " | rejected model_not_found",
                "408 | {'error':{'message':'m','type':'x','code':null}} | transient x",
                "409 | {'error':{'message':'m','type':'invalid_request_error','code':null}} |"
                        + " transient invalid_request_error",
                "413 | {'error':{'message':'m','type':'tokens','code':'rate_limit_exceeded'}} |"
                        + " rejected rate_limit_exceeded",
                "422 | {'error':{'message':'m','type':'x','code':null}} | rejected x",
                "429 | {'error':{'message':'m','type':'tokens','code':'rate_limit_exceeded'}} |"
                        + " throttled rate_limit_exceeded",
                "429 | {'error':{'message':'m','type':'requests','code':null}} | throttled"
                        + " requests",
                "429 | {'error':{'message':'m','type':'rate_limit_error','code':'slow_down'}} |"
                        + " throttled slow_down",
                "503 | {'error':{'message':'m','type':'x','code':'slow_down'}} | throttled"
                        + " slow_down",
                "429 | {'error':{'message':'Resource Unavailable','type':'x','code':null}} |"
                        + " throttled x",
                "429 | {'error':{'message':'Request too large for gpt-4o on tokens per"
                        + " min','type':'tokens','code':'rate_limit_exceeded'}} | rejected"
                        + " rate_limit_exceeded",
                "429 |"
                    + " {'error':{'message':'m','type':'insufficient_quota','code':'insufficient_quota'}}"
                    + " | blocked",
                "429 | {'error':{'message':'m','type':'insufficient_quota','code':null}} | blocked",
                "429 | {'error':{'message':'m','type':'x','code':'credit_balance_exhausted'}} |"
                        + " blocked",
                "429 |"
                    + " {'error':{'message':'m','type':'x','code':'organization_spend_limit_exceeded'}}"
                    + " | blocked",
                "429 | {'error':{'message':'m','type':'x','code':'project_spend_limit_exceeded'}} |"
                        + " blocked",
                "429 |"
                    + " {'error':{'message':'m','type':'x','code':'organization_usage_limit_exceeded'}}"
                    + " | blocked",
                "500 | {'error':{'message':'m','type':'server_error','code':null}} | transient"
                        + " server_error",
                "502 | {'error':{'message':'m','type':'bad_gateway','code':null}} | transient"
                        + " bad_gateway",
                "503 |"
                    + " {'error':{'message':'m','type':'service_unavailable_error','code':'server_is_overloaded'}}"
                    + " | overloaded server_is_overloaded",
                "529 | {} | overloaded http_529",
                // Not JSON at all: gateways, proxies, wrong servers.
                "429 | <html>slow</html> | throttled http_429",
                "500 | <html>oops</html> | transient http_500",
                "503 | | overloaded http_503",
                "401 | Unauthorized | blocked",
                "404 | 404 page not found | blocked",
                "404 | {'detail':'Not Found'} | blocked",
                // Azure: digits in place of a code.
                "429 | {'error':{'code':'429','message':'m'}} | throttled http_429",
                "401 | {'error':{'code':'401','message':'m'}} | blocked",
                "404 | {'error':{'code':'DeploymentNotFound','message':'m'}} | rejected"
                        + " deploymentnotfound",
                // vLLM: a number as code, the error itself at the top.
                "400 | {'error':{'message':'m','type':'BadRequestError','param':null,'code':400}} |"
                        + " rejected badrequesterror",
                "404 | {'object':'error','message':'m','type':'NotFoundError','code':404} |"
                        + " rejected notfounderror",
                // Mistral.
                "429 | {'message':'Rate limit exceeded','code':'1300','type':'rate_limited'} |"
                        + " throttled rate_limited",
                "400 |"
                    + " {'object':'error','message':'m','type':'invalid_model','code':'unknown_model'}"
                    + " | rejected unknown_model",
                "422 | {'detail':[{'loc':['body'],'msg':'m','type':'missing'}]} | rejected"
                        + " http_422",
                "401 | {'message':'Unauthorized','request_id':'r'} | blocked",
                // Together and xAI: the error is a text.
                "409 | {'error':'Cannot do that'} | transient http_409",
                "400 | {'code':'Client specified an invalid argument','error':'Incorrect API key"
                        + " provided. Get one.'} | blocked",
                "400 | {'code':'Client specified an invalid argument','error':'Model x is wrong.'}"
                        + " | rejected client specified an invalid argument",
                // DeepSeek and OpenRouter: no money.
                "402 | {'error':{'message':'Insufficient"
                    + " Balance','type':'unknown_error','code':'invalid_request_error'}} | blocked",
                "402 | {'error':{'code':402,'message':'m'}} | blocked",
                // Groq: no room in the flex tier.
                "498 | {'error':{'message':'m','type':'capacity','code':null}} | overloaded"
                        + " capacity",
                // Errors inside a 200.
                "200 | {'error':{'code':429,'message':'m'}} | throttled http_429",
                "200 | {'error':{'code':502,'message':'m'}} | transient http_502",
                "200 | {'error':{'code':402,'message':'m'}} | blocked",
                "200 | {'error':{'code':400,'message':'m'},'choices':[]} | rejected http_400",
                "200 | {'error':'something'} | transient http_200",
                // A 200 of another kind.
                "200 | {'hello':1} | transient unexpected_answer",
                "200 | [1] | transient unexpected_answer",
                "200 | <html>sign in</html> | transient invalid_json",
                "200 | {'choices':[ | transient invalid_json",
                "200 | {'choices':[]} {} | transient invalid_json",
                "200 | | transient invalid_json",
                "200 | {'error':null,'choices':[]} | success",
                "201 | {'choices':[]} | success",
            })
    void an_answer_to_a_chat(int status, String body, String expected) {
        String json = body == null ? "" : body.replace('\'', '"');
        assertThat(kind(classify(status, json))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "/v1/responses   | {'status':'completed','error':null,'output':[]} | success",
                "/v1/responses   |"
                    + " {'status':'incomplete','incomplete_details':{'reason':'max_output_tokens'},'output':[]}"
                    + " | success",
                "/v1/responses   |"
                    + " {'status':'failed','error':{'code':'rate_limit_exceeded','message':'m'}} |"
                    + " throttled rate_limit_exceeded",
                "/v1/responses   |"
                        + " {'status':'failed','error':{'code':'server_error','message':'m'}} |"
                        + " transient server_error",
                "/v1/responses   |"
                        + " {'status':'failed','error':{'code':'invalid_prompt','message':'m'}} |"
                        + " rejected invalid_prompt",
                "/v1/responses   | {'status':'failed','error':{'code':'new_code','message':'m'}} |"
                        + " transient new_code",
                "/v1/responses   | {'status':'queued','output':[]} | rejected unfinished_answer",
                "/v1/embeddings  | {'object':'list','data':[]} | success",
                "/v1/embeddings  | {'choices':[]} | transient unexpected_answer",
                "/v1/moderations | {'results':[]} | success",
                "/v1/rerank      | {'results':[]} | success",
                "/v1/rerank      | [{'index':0,'score':1}] | success",
                "/v1/score       | {'data':[]} | success",
                "/v1/images/generations | {'created':1,'data':[]} | success",
                "/v1/new/thing   | {'whatever':1} | success",
            })
    void an_answer_of_another_endpoint(String endpoint, String body, String expected) {
        var outcome = classify(endpoint, response(200, body.replace('\'', '"')));
        assertThat(kind(outcome)).isEqualTo(expected);
    }

    @Test
    void a_moderation_at_openrouter_judges_the_item_and_elsewhere_a_403_the_account() {
        var forbidden = response(403, "{\"error\":{\"code\":403,\"message\":\"flagged\"}}");
        assertThat(classifier("openrouter").classify(forbidden, CHAT, NOW))
                .isInstanceOf(Rejected.class);
        assertThat(classifier("openai").classify(forbidden, CHAT, NOW)).isInstanceOf(Blocked.class);
    }

    @ParameterizedTest
    @CsvSource({
        "500, false, rejected x",
        "429, false, blocked",
        "400, true, transient x",
        "402, true, blocked",
        "500, true, transient x",
    })
    void the_servers_wish_overrules(int status, String wish, String expected) {
        var outcome =
                classify(
                        status,
                        "{\"error\":{\"message\":\"m\",\"type\":\"x\"}}",
                        "x-should-retry: " + wish);
        assertThat(kind(outcome)).isEqualTo(expected);
    }

    @Test
    void a_limit_of_zero_is_no_matter_of_pace() {
        assertThat(
                        classifier("mistral")
                                .classify(
                                        response(429, "{}", "x-ratelimit-limit-req-minute: 0"),
                                        CHAT,
                                        NOW))
                .isInstanceOf(Blocked.class);
    }

    @Test
    void a_wait_is_passed_on() {
        assertThat(classify(429, "{}", "retry-after: 7"))
                .isInstanceOfSatisfying(
                        Throttled.class,
                        t -> assertThat(t.retryAfter()).hasValue(Duration.ofSeconds(7)));
        assertThat(classify(503, "{}", "retry-after-ms: 9"))
                .isInstanceOfSatisfying(
                        Transient.class,
                        t -> assertThat(t.retryAfter()).hasValue(Duration.ofMillis(9)));
    }

    @Test
    void limits_come_with_every_answer() {
        for (int status : new int[] {200, 400, 401, 429, 500}) {
            assertThat(
                            classify(status, OK, "x-ratelimit-limit-requests: 5")
                                    .limits()
                                    .requests()
                                    .perMinute())
                    .hasValue(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n\n  \r\n", "\uFEFF", ""})
    void blanks_and_a_mark_before_the_json_do_no_harm(String before) {
        assertThat(classify(200, before + OK + "\n"))
                .isInstanceOfSatisfying(
                        Success.class,
                        success -> {
                            assertThat(success.reply().body()).isEqualTo(RawJson.of(OK));
                            assertThat(success.usage()).isEqualTo(new Usage(3, 0, 4));
                        });
    }

    @Test
    void a_body_that_is_no_json_is_kept_as_one_string() {
        assertThat(classify(500, "<b>\"no\"\n</b>"))
                .isInstanceOfSatisfying(
                        Transient.class,
                        broken ->
                                assertThat(broken.reply().orElseThrow().body())
                                        .hasToString("\"<b>\\\"no\\\"\\n</b>\""));
    }

    @Test
    void a_stream_of_events_is_refused_for_the_option_that_asked_for_it() {
        assertThat(classify(200, "data: {}\n\n", "content-type: text/event-stream"))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.error().message()).contains("`stream`"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "{'prompt_tokens':9,'completion_tokens':2,'total_tokens':11,'prompt_tokens_details':{'cached_tokens':4,'audio_tokens':0}}"
                    + " | 9 | 4 | 2",
                "{'input_tokens':9,'input_tokens_details':{'cached_tokens':3},'output_tokens':5,'output_tokens_details':{'reasoning_tokens':4},'total_tokens':14}"
                    + " | 9 | 3 | 5",
                "{'prompt_tokens':8,'total_tokens':8} | 8 | 0 | 0",
                "{'total_tokens':6} | 6 | 0 | 0",
                "{'prompt_tokens':10,'prompt_cache_hit_tokens':7,'prompt_cache_miss_tokens':3,'completion_tokens':1}"
                    + " | 10 | 7 | 1",
                "{'prompt_tokens':10,'completion_tokens':5,'completion_tokens_details':{'reasoning_tokens':20},'total_tokens':35}"
                    + " | 10 | 0 | 25",
                "{'prompt_tokens':'10','completion_tokens':null,'x':[1,{'y':2}]} | 10 | 0 | 0",
                "null | 0 | 0 | 0",
                "[] | 0 | 0 | 0",
            })
    void usage_is_read_in_every_vocabulary(String usage, long input, long cached, long output) {
        String body = "{\"usage\":%s,\"choices\":[]}".formatted(usage.replace('\'', '"'));
        assertThat(classify(200, body))
                .isInstanceOfSatisfying(
                        Success.class,
                        success ->
                                assertThat(success.usage())
                                        .isEqualTo(new Usage(input, cached, output)));
    }

    @Test
    void what_stops_the_job_says_what_to_do_and_shows_no_key() {
        var refused =
                classify(
                        401,
                        "{\"error\":{\"message\":\"Incorrect API key provided:"
                                + " sk-abc***xyz\",\"code\":\"invalid_api_key\"}}");
        assertThat(((Blocked) refused).problem())
                .contains("Put a valid key for https://api.openai.com/v1 into OPENAI_API_KEY")
                .contains("run the same command again")
                .doesNotContain("sk-abc");
        var redirected =
                classify(CHAT, new HttpResult.Redirected(308, "https://elsewhere.example:443"));
        assertThat(((Blocked) redirected).problem())
                .contains("https://elsewhere.example:443")
                .contains("--base-url");
    }

    @Test
    void a_server_that_was_sent_no_key_and_wants_one_is_told_apart() {
        assertThat(
                        ((Blocked) classifier("compatible").classify(response(401, ""), CHAT, NOW))
                                .problem())
                .contains("--api-key-env");
    }

    @Test
    void calls_without_an_answer() {
        assertThat(kind(classify(CHAT, new HttpResult.Unreachable("refused"))))
                .isEqualTo("unreachable");
        assertThat(kind(classify(CHAT, new HttpResult.Broken("reset"))))
                .isEqualTo("transient connection_broken");
        assertThat(kind(classify(CHAT, new HttpResult.TimedOut(Duration.ofSeconds(1)))))
                .isEqualTo("overloaded timeout");
        assertThat(kind(classify(CHAT, new HttpResult.TooLarge(1 << 28))))
                .isEqualTo("rejected answer_too_large");
        assertThat(classify(CHAT, new HttpResult.Untrusted("certificate")))
                .isInstanceOf(Blocked.class);
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.openai.com/v1, /v1/chat/completions,"
                + " https://api.openai.com/v1/chat/completions",
        "https://api.openai.com/v1/, /v1/embeddings, https://api.openai.com/v1/embeddings",
        "https://api.deepseek.com, /v1/chat/completions, https://api.deepseek.com/chat/completions",
        "https://h/openai/deployments/d?api-version=1, /v1/embeddings,"
                + " https://h/openai/deployments/d/embeddings?api-version=1",
        "http://localhost:8000/v1, /rerank, http://localhost:8000/v1/rerank",
    })
    void an_endpoint_is_joined_to_any_base_url(String base, String endpoint, String expected) {
        assertThat(BaseUrl.parse(base, "").endpoint(endpoint)).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "gpt-5-mini, /v1/chat/completions, max_tokens, 5, gpt-5-mini does not take"
                        + " `max_tokens`: use `max_completion_tokens`",
                "gpt-5.2, /v1/chat/completions, max_tokens, 5, gpt-5.2 does not take `max_tokens`:"
                        + " use `max_completion_tokens`",
                "o3-mini, /v1/chat/completions, temperature, 0.2, o3-mini does not take"
                        + " `temperature` other than 1: leave it out",
                "gpt-5, /v1/responses, top_p, 0.5, gpt-5 does not take `top_p` other than 1: leave"
                        + " it out",
                "o3, /v1/chat/completions, stop, [, o3 does not take `stop`: leave it out",
                "gpt-5-nano-2025-08-07, /v1/chat/completions, logprobs, true, gpt-5-nano-2025-08-07"
                        + " does not take `logprobs` other than false: leave it out",
                "gpt-5, /v1/chat/completions, temperature, 1.0, -",
                "gpt-5, /v1/chat/completions, temperature, null, -",
                "gpt-5, /v1/chat/completions, max_completion_tokens, 5, -",
                "gpt-5.1, /v1/chat/completions, temperature, 0.2, -",
                "gpt-5-chat-latest, /v1/chat/completions, temperature, 0.2, -",
                "gpt-5.2-chat-latest, /v1/chat/completions, max_tokens, 5, -",
                "gpt-4o, /v1/chat/completions, max_tokens, 5, -",
                "gpt-50, /v1/chat/completions, max_tokens, 5, -",
                "gpt-5, /v1/embeddings, max_tokens, 5, -",
            })
    void a_parameter_that_a_model_refuses_gets_a_warning(
            String model, String endpoint, String field, String value, String warning) {
        assertThat(ModelConstraints.of(model, endpoint).warning(field, value))
                .isEqualTo(Optional.ofNullable(warning));
    }
}
