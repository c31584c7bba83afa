package dev.batchwright.provider.gemini;

import static dev.batchwright.provider.gemini.ChatRequestTest.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpResult;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.AttemptOutcome.Blocked;
import dev.batchwright.provider.AttemptOutcome.Rejected;
import dev.batchwright.provider.AttemptOutcome.Success;
import dev.batchwright.provider.AttemptOutcome.Throttled;
import dev.batchwright.provider.AttemptOutcome.Transient;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

class ClassifierTest {
    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    static final Account ACCOUNT =
            new Account("GEMINI_API_KEY", Addresses.parse(Addresses.DEFAULT));

    static AttemptOutcome classify(Call call, int status, String body) {
        return new Classifier(ACCOUNT)
                .classify(
                        new HttpResult.Response(
                                status,
                                Headers.NONE,
                                body.replace('\'', '"').getBytes(StandardCharsets.UTF_8)),
                        call,
                        "gemini-2.5-flash",
                        NOW);
    }

    static String kind(AttemptOutcome outcome) {
        return switch (outcome) {
            case Success success -> "success";
            case Throttled throttled ->
                    "throttled %s"
                            .formatted(throttled.retryAfter().map(Duration::toString).orElse("-"));
            case Transient broken ->
                    (broken.overloaded() ? "overloaded " : "transient ") + broken.error().code();
            case Rejected rejected -> "rejected " + rejected.error().code();
            case AttemptOutcome.Unreachable nobody -> "unreachable";
            case Blocked blocked -> "blocked";
        };
    }

    static String exhausted(String quotaId, String more) {
        return "{'error':{'code':429,'message':'You exceeded your current"
                + " quota','status':'RESOURCE_EXHAUSTED','details':["
                + "{'@type':'type.googleapis.com/google.rpc.QuotaFailure','violations':[{'quotaMetric':'m','quotaId':'%s','quotaDimensions':{'model':'x','location':'global'},'quotaValue':'50'%s}]},"
                        .formatted(quotaId, more)
                + "{'@type':'type.googleapis.com/google.rpc.Help','links':[{'description':'d','url':'u'}]},"
                + "{'@type':'type.googleapis.com/google.rpc.RetryInfo','retryDelay':'34.07s'}]}}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "400 | {'error':{'code':400,'message':'API key not valid. Please pass a valid API"
                        + " key.','status':'INVALID_ARGUMENT'}} | blocked",
                "400 |"
                    + " {'error':{'code':400,'message':'m','status':'INVALID_ARGUMENT','details':[{'@type':'x/google.rpc.ErrorInfo','reason':'API_KEY_INVALID'}]}}"
                    + " | blocked",
                "400 | {'error':{'code':400,'message':'User location is not supported for the API"
                        + " use.','status':'FAILED_PRECONDITION'}} | blocked",
                "400 | {'error':{'code':400,'message':'Unknown name','status':'INVALID_ARGUMENT'}}"
                        + " | rejected invalid_argument",
                "401 | {'error':{'code':401,'message':'m','status':'UNAUTHENTICATED'}} | blocked",
                "402 | {'error':{'code':402,'message':'pay'}} | blocked",
                "403 | {'error':{'code':403,'message':'Gemini API has not been"
                        + " used','status':'PERMISSION_DENIED'}} | blocked",
                "403 | {'error':{'code':403,'message':'You do not have permission to access the"
                        + " File abc or it may not exist.','status':'PERMISSION_DENIED'}} |"
                        + " rejected permission_denied",
                "404 | {'error':{'code':404,'message':'models/x is not found for API version"
                        + " v1beta','status':'NOT_FOUND'}} | rejected not_found",
                "404 | <html>nothing here</html> | blocked",
                "408 | | transient http_408",
                "409 | {'error':{'code':409,'message':'m','status':'ABORTED'}} | transient aborted",
                "499 | {'error':{'code':499,'message':'m','status':'CANCELLED'}} | transient"
                        + " cancelled",
                "500 | {'error':{'code':500,'message':'m','status':'INTERNAL'}} | transient"
                        + " internal",
                "503 | {'error':{'code':503,'message':'The model is"
                        + " overloaded.','status':'UNAVAILABLE'}} | overloaded unavailable",
                "504 | {'error':{'code':504,'message':'m','status':'DEADLINE_EXCEEDED'}} |"
                        + " overloaded deadline_exceeded",
                "503 | [{'error':{'code':503,'message':'m','status':'UNAVAILABLE'}}] | overloaded"
                        + " unavailable",
                "429 | {'error':{'code':429,'message':'slow','status':'RESOURCE_EXHAUSTED'}} |"
                        + " throttled -",
                "429 | {'error':{'code':429,'message':'Quota exceeded for metric: x, limit: 0,"
                        + " model: gemini-2.5-pro','status':'RESOURCE_EXHAUSTED'}} | blocked",
                "429 | {'error':{'code':429,'message':'Quota exceeded for metric: x, limit: 05,"
                        + " model: y','status':'RESOURCE_EXHAUSTED'}} | throttled -",
                "429 | <html>slow</html> | throttled -",
                "200 | [{'error':{'code':429,'message':'m','status':'RESOURCE_EXHAUSTED'}}] |"
                        + " throttled -",
                "200 | {'error':{'code':3,'message':'m'}} | transient http_500",
                "200 | <html>hello</html> | transient invalid_json",
                "200 | {} | transient unexpected_answer",
            })
    void an_answer_means(int status, String body, String expected) {
        assertThat(kind(classify(Call.GENERATE, status, body == null ? "" : body)))
                .isEqualTo(expected);
    }

    @Test
    void the_wait_stands_in_the_body() {
        assertThat(
                        kind(
                                classify(
                                        Call.CHAT,
                                        429,
                                        exhausted(
                                                "GenerateRequestsPerMinutePerProjectPerModel",
                                                ""))))
                .isEqualTo("throttled PT34.07S");
    }

    @Test
    void a_day_that_is_used_up_stops_the_job_and_says_until_when() {
        assertThat(
                        classify(
                                Call.CHAT,
                                429,
                                exhausted("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "")))
                .isInstanceOfSatisfying(
                        Blocked.class,
                        blocked ->
                                assertThat(blocked.problem())
                                        .contains("quota of the day")
                                        .contains("midnight")
                                        .contains("run the same command again"));
    }

    @Test
    void a_refused_key_names_its_variable() {
        assertThat(classify(Call.CHAT, 401, "{'error':{'code':401,'status':'UNAUTHENTICATED'}}"))
                .isInstanceOfSatisfying(
                        Blocked.class,
                        blocked -> assertThat(blocked.problem()).contains("GEMINI_API_KEY"));
    }

    @Test
    void an_answer_in_geminis_own_form_stays_as_it_is_with_its_usage_and_id() {
        String body = " " + json(RowReaderTest.RESPONSE) + "\n";

        assertThat(classify(Call.GENERATE, 200, body))
                .isInstanceOfSatisfying(
                        Success.class,
                        success -> {
                            assertThat(success.reply().body().toString()).isEqualTo(body.strip());
                            assertThat(success.reply().requestId()).isEqualTo("x");
                            assertThat(success.usage()).isEqualTo(new Usage(8, 3, 3));
                        });
    }

    @Test
    void an_answer_to_a_translated_request_is_translated_back() {
        assertThat(classify(Call.CHAT, 200, RowReaderTest.RESPONSE))
                .isInstanceOfSatisfying(
                        Success.class,
                        success ->
                                assertThat(success.reply().body().toString())
                                        .contains("\"created\":%d".formatted(NOW.getEpochSecond()))
                                        .contains("\"finish_reason\":\"stop\""));
    }

    @ParameterizedTest
    @EnumSource(
            value = Call.class,
            names = {"GENERATE", "CHAT"})
    void a_blocked_prompt_is_an_answer(Call call) {
        assertThat(classify(call, 200, "{'promptFeedback':{'blockReason':'SAFETY'}}"))
                .isInstanceOf(Success.class);
    }

    @Test
    void an_embedding_is_an_answer_to_a_call_for_one_alone() {
        String body = "{'embedding':{'values':[1,2]}}";

        assertThat(kind(classify(Call.EMBED, 200, body))).isEqualTo("success");
        assertThat(kind(classify(Call.EMBEDDINGS, 200, body))).isEqualTo("success");
        assertThat(kind(classify(Call.CHAT, 200, body))).isEqualTo("transient unexpected_answer");
    }

    @Test
    void what_is_no_answer_at_all_is_told_apart() {
        var classifier = new Classifier(ACCOUNT);
        assertThat(
                        kind(
                                classifier.classify(
                                        new HttpResult.Unreachable("refused"),
                                        Call.CHAT,
                                        "m",
                                        NOW)))
                .isEqualTo("unreachable");
        assertThat(kind(classifier.classify(new HttpResult.Broken("reset"), Call.CHAT, "m", NOW)))
                .isEqualTo("transient connection_broken");
        assertThat(
                        kind(
                                classifier.classify(
                                        new HttpResult.TimedOut(Duration.ofSeconds(2)),
                                        Call.CHAT,
                                        "m",
                                        NOW)))
                .isEqualTo("overloaded timeout");
        assertThat(
                        kind(
                                classifier.classify(
                                        new HttpResult.Redirected(302, "http://x:80"),
                                        Call.CHAT,
                                        "m",
                                        NOW)))
                .isEqualTo("blocked");
    }
}
