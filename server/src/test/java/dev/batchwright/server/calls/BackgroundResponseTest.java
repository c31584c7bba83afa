package dev.batchwright.server.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.collect.CallStatus;
import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.RawJson;
import dev.batchwright.server.edge.ApiError;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

class BackgroundResponseTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final BackgroundResponse RESPONSE =
            new BackgroundResponse("call_00112233445566778899aabbccddeeff", NOON, "gpt-5/ü");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String told(CallStatus status) {
        return new String(RESPONSE.told(status), StandardCharsets.UTF_8);
    }

    private static CallStatus answered(int status, String body) {
        return new CallStatus.Answered(
                new CollectedAnswer(
                        status, "", RawJson.of(body), Optional.empty(), Optional.empty()));
    }

    @Test
    void the_id_says_all_that_is_told_before_the_answer_is_there() {
        assertThat(RESPONSE.id()).matches("resp_[A-Za-z0-9_-]+");
        assertThat(BackgroundResponse.of(RESPONSE.id())).contains(RESPONSE);
        assertThat(new String(RESPONSE.queued(), StandardCharsets.UTF_8))
                .contains("\"status\":\"queued\"", "\"model\":\"gpt-5/ü\"", "\"created_at\":177");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "resp_", "resp_abc", "call_00112233445566778899aabbccddeeff", "résp_"})
    void another_id_is_none(String id) {
        assertThat(BackgroundResponse.of(id)).isEmpty();
    }

    @Test
    void the_request_goes_on_without_the_words_that_a_batch_does_not_take() {
        var foreground =
                BackgroundResponse.foreground(
                        bytes(
                                """
                                {"model":"m","background":true,"service_tier":"flex","input":"a"}\
                                """));
        assertThat(foreground.orElseThrow().body().toString())
                .isEqualTo("{\"model\":\"m\",\"input\":\"a\"}");
        assertThat(foreground.orElseThrow().model()).isEqualTo("m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"m\"}",
                "{\"background\":false}",
                "{\"background\":null}",
                "{\"input\":\"\\\"background\\\":true\"}",
                "[\"background\"]",
                "{\"background\":"
            })
    void others_are_left_as_they_are(String body) {
        assertThat(BackgroundResponse.foreground(bytes(body))).isEmpty();
    }

    @Test
    void a_stream_in_the_background_is_refused() {
        assertThatThrownBy(
                        () ->
                                BackgroundResponse.foreground(
                                        bytes("{\"background\":true,\"stream\":true}")))
                .isInstanceOf(ApiError.class);
    }

    @Test
    void each_state_of_the_call_is_a_status_of_the_response() {
        var job = new JobId("job_1");
        assertThat(told(new CallStatus.UnderWay(job))).contains("\"status\":\"in_progress\"");
        assertThat(told(answered(200, "{\"id\":\"resp_upstream\",\"status\":\"completed\"}")))
                .contains("\"status\":\"completed\"", RESPONSE.id())
                .doesNotContain("upstream");
        assertThat(told(answered(400, "{\"error\":{\"message\":\"Too long.\"}}")))
                .contains("\"status\":\"failed\"", "invalid_prompt", "Too long.");
        assertThat(told(answered(500, "[]")))
                .contains("\"status\":\"failed\"", "\"code\":\"server_error\"");
        assertThat(told(new CallStatus.Ended(job, new JobState.Cancelled())))
                .contains("\"status\":\"cancelled\"");
        assertThatThrownBy(() -> told(new CallStatus.Unknown())).isInstanceOf(ApiError.class);
    }
}
