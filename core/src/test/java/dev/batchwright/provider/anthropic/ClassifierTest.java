package dev.batchwright.provider.anthropic;

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

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;

class ClassifierTest {
    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    static final Classifier CLASSIFIER =
            new Classifier(
                    new Account(
                            "ANTHROPIC_API_KEY",
                            BaseUrl.withoutVersion("https://api.anthropic.com")));
    static final String MESSAGE =
            """
            {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"}],\
            "stop_reason":"end_turn","usage":{"input_tokens":10,"cache_creation_input_tokens":20,\
            "cache_read_input_tokens":30,"output_tokens":5},"new":{"x":[]}}\
            """;

    static AttemptOutcome classify(int status, String body, String... headers) {
        return CLASSIFIER.classify(response(status, body, headers), false, NOW);
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

    static String error(String type, String message) {
        return Json.of(
                "{'type':'error','error':{'type':'%s','message':'%s'},'request_id':'req_1'}"
                        .formatted(type, message));
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
    @CsvSource({
        "400, invalid_request_error, rejected invalid_request_error",
        "401, authentication_error, blocked",
        "402, billing_error, blocked",
        "403, permission_error, blocked",
        "404, not_found_error, rejected not_found_error",
        "409, conflict_error, transient conflict_error",
        "413, request_too_large, rejected request_too_large",
        "429, rate_limit_error, throttled rate_limit_error",
        "500, api_error, transient api_error",
        "504, timeout_error, transient timeout_error",
        "529, overloaded_error, overloaded overloaded_error",
        // Types of next year go by their status.
        "418, teapot_error, rejected teapot_error",
        "429, teapot_error, throttled teapot_error",
        "503, teapot_error, overloaded teapot_error",
        // The type knows better than a gateway's status.
        "200, overloaded_error, overloaded overloaded_error",
        "500, invalid_request_error, rejected invalid_request_error",
    })
    void every_error_of_the_sheet_has_its_meaning(int status, String type, String expected) {
        assertThat(kind(classify(status, error(type, "m")))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | You have reached your specified API usage limits. You will regain access on"
                        + " 2026-12-01 at 00:00 UTC.",
                "400 | You have reached your specified workspace API usage limits.",
                "400 | Your credit balance is too low to access the Anthropic API.",
            })
    void a_limit_on_spending_blocks_whatever_it_is_called(int status, String message) {
        assertThat(classify(status, error("invalid_request_error", message)))
                .isInstanceOfSatisfying(
                        Blocked.class,
                        blocked -> assertThat(blocked.problem()).contains("nothing left to spend"));
    }

    @Test
    void a_monthly_cap_is_no_rate_limit() {
        String body =
                Json.of(
                        "{'type':'error','error':{'type':'rate_limit_error','message':'m','details':{'error_code':'enforced_spend_limit_reached'}}}");

        assertThat(classify(429, body))
                .isInstanceOfSatisfying(
                        Blocked.class,
                        blocked ->
                                assertThat(blocked.problem())
                                        .contains("enforced_spend_limit_reached"));
    }

    @Test
    void a_rate_limit_waits_as_long_as_it_says_or_as_we_think() {
        assertThat(classify(429, error("rate_limit_error", "m"), "retry-after: 7"))
                .isInstanceOfSatisfying(
                        Throttled.class,
                        throttled ->
                                assertThat(throttled.retryAfter()).contains(Duration.ofSeconds(7)));
        assertThat(classify(429, error("rate_limit_error", "m")))
                .isInstanceOfSatisfying(
                        Throttled.class, throttled -> assertThat(throttled.retryAfter()).isEmpty());
        assertThat(classify(429, error("rate_limit_error", "m"), "x-should-retry: false"))
                .isInstanceOf(Blocked.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "413 | <html>413 Request Entity Too Large</html> | rejected request_too_large",
                "404 | <html>nginx</html> | blocked",
                "502 | bad gateway | transient http_502",
                "503 | `` | overloaded http_503",
                "200 | {'type':'message' | transient invalid_json",
                "200 | `` | transient invalid_json",
                "200 | {'choices':[]} | transient unexpected_answer",
                "200 | [] | transient unexpected_answer",
                "200 | {'type':'message','content':'x'} | transient unexpected_answer",
                "200 | {'content':[]} | success",
            })
    void what_is_no_answer_of_the_api_is_told_from_one(int status, String body, String expected) {
        assertThat(kind(classify(status, Json.of(body)))).isEqualTo(expected);
    }

    @Test
    void a_stream_is_no_answer() {
        assertThat(kind(classify(200, "event: ping\n\n", "content-type: text/event-stream")))
                .isEqualTo("rejected stream_unsupported");
    }

    @Test
    void a_message_is_kept_as_it_came_and_its_input_is_counted_whole() {
        assertThat(classify(200, " " + MESSAGE + "\n", "request-id: req_9"))
                .isInstanceOfSatisfying(
                        Success.class,
                        success -> {
                            assertThat(success.reply().body()).isEqualTo(RawJson.of(MESSAGE));
                            assertThat(success.reply().requestId()).isEqualTo("req_9");
                            assertThat(success.usage()).isEqualTo(new Usage(60, 30, 5));
                        });
    }

    @Test
    void a_translated_request_gets_a_completion_but_keeps_an_error_as_it_came() {
        assertThat(CLASSIFIER.classify(response(200, MESSAGE), true, NOW))
                .isInstanceOfSatisfying(
                        Success.class,
                        success ->
                                assertThat(success.reply().body().toString())
                                        .contains("\"content\":\"hi\""));
        String error = error("invalid_request_error", "m");
        assertThat(CLASSIFIER.classify(response(400, error), true, NOW))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected ->
                                assertThat(rejected.reply().body()).isEqualTo(RawJson.of(error)));
    }

    @Test
    void a_refused_key_names_its_variable() {
        assertThat(classify(401, error("authentication_error", "invalid x-api-key")))
                .isInstanceOfSatisfying(
                        Blocked.class,
                        blocked ->
                                assertThat(blocked.problem())
                                        .contains("ANTHROPIC_API_KEY")
                                        .contains("untouched"));
    }
}
