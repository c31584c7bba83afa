package dev.batchwright.server.batches;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.store.HostedBatch.TokenSums;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

class LineFactsTest {
    private static LineFacts of(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return LineFacts.of(bytes, 0, bytes.length);
    }

    @Test
    void tokens_are_counted_in_the_words_of_each_api() {
        assertThat(
                        of(
                                "{\"id\":\"model\",\"response\":{\"status_code\":200,\"body\":{\"choices\":[{\"usage\":{\"prompt_tokens\":99}}],\"model\":\"m-1\",\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"prompt_tokens_details\":{\"cached_tokens\":3},\"completion_tokens_details\":{\"reasoning_tokens\":1},\"cost\":0.5}}},\"error\":null}"))
                .isEqualTo(new LineFacts(Optional.of("m-1"), new TokenSums(9, 3, 2, 1)));
        assertThat(
                        of(
                                "{\"response\":{\"body\":{\"usage\":{\"input_tokens\":5,\"cache_read_input_tokens\":4,\"output_tokens\":1}}}}"))
                .isEqualTo(new LineFacts(Optional.empty(), new TokenSums(5, 4, 1, 0)));
        assertThat(of("{\"response\":null}").tokens()).isEqualTo(TokenSums.NONE);
        assertThat(of("{\"response\":").tokens()).isEqualTo(TokenSums.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"response\":{\"status_code\":200,\"body\":{}},\"error\":null}       | GOOD",
                "{\"response\":{\"status_code\":404,\"body\":{}},\"error\":null}       | FAILED",
                "{\"response\":null,\"error\":{\"code\":\"timeout\"}}                  | FAILED",
                "{\"response\":null,\"error\":{\"code\":\"batch_expired\"}}            |"
                        + " UNEXECUTED",
                "{\"id\":\"x                                                           | FAILED",
            })
    void a_line_says_what_became_of_its_request(String line, LineFacts.Kind kind) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        assertThat(LineFacts.kind(bytes, 0, bytes.length)).isEqualTo(kind);
    }
}
