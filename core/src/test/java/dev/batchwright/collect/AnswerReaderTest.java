package dev.batchwright.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;

import java.util.Optional;

class AnswerReaderTest {
    private static CollectedAnswer read(String endpoint, String answer) {
        return AnswerReader.read(RawJson.of(answer), endpoint, Optional.empty(), Optional.empty());
    }

    private static CollectedAnswer chat(String answer) {
        return read("/v1/chat/completions", answer);
    }

    @Test
    void a_response_keeps_its_status_its_id_and_its_body_byte_for_byte() {
        CollectedAnswer answer =
                chat(
                        "\"response\":{\"status_code\":404,\"request_id\":\"r1\",\"body\":{ \"ä\""
                                + " :1.0} },\"error\":null");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.requestId()).isEqualTo("r1");
        assertThat(answer.body()).isEqualTo(RawJson.of("{ \"ä\" :1.0}"));
    }

    @Test
    void an_error_without_a_response_is_told_in_the_words_of_the_api() {
        CollectedAnswer late =
                chat(
                        "\"response\":null,\"error\":{\"code\":\"batch_expired\",\"message\":\"Late.\"}");
        assertThat(late.status()).isEqualTo(504);
        assertThat(late.body().toString())
                .isEqualTo(
                        "{\"error\":{\"message\":\"Late.\",\"type\":\"server_error\",\"param\":null,\"code\":\"batch_expired\"}}");
        CollectedAnswer bad =
                read(
                        "/v1/messages",
                        "\"response\":null,\"error\":{\"code\":\"invalid_value\",\"message\":\"No.\"}");
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.body().toString())
                .isEqualTo(
                        "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"No.\"}}");
    }

    @Test
    void what_cannot_be_read_is_an_error_of_its_own() {
        CollectedAnswer answer =
                chat(
                        "\"response\":{\"status_code\":200,\"request_id\":\"\",\"body\":<html>},\"error\":null");
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.body().toString()).contains("unexpected_answer");
    }
}
