package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;

class CallBodyTest {
    private static CallBody read(String json) {
        return CallBody.read(RawJson.of(json));
    }

    @Test
    void what_is_not_about_streams_stays_byte_for_byte() {
        String body = "{ \"model\" : \"m\\u0041\", \"input\":[1.50, null] }";
        assertThat(read(body).json()).isEqualTo(RawJson.of(body));
        assertThat(read(body).model()).isEqualTo("mA");
        assertThat(read(body).streamed()).isFalse();
    }

    @Test
    void a_streamed_call_is_the_same_request() {
        CallBody streamed =
                read(
                        "{\"stream\":true,\"model\":\"m\",\"stream_options\":{\"include_usage\":true},\"input\":\"x\"}");
        assertThat(streamed.json()).isEqualTo(RawJson.of("{\"model\":\"m\",\"input\":\"x\"}"));
        assertThat(streamed.streamed()).isTrue();
        assertThat(streamed.usageStreamed()).isTrue();
        assertThat(read("{\"stream\":false}").json()).isEqualTo(RawJson.of("{}"));
        assertThat(read("{\"stream\":false}").streamed()).isFalse();
    }

    @Test
    void a_model_gets_the_name_that_its_provider_knows() {
        assertThat(read("{\"a\":1,\"model\":\"groq/m\",\"b\":2}").naming("m"))
                .isEqualTo(RawJson.of("{\"a\":1,\"model\":\"m\",\"b\":2}"));
    }

    @Test
    void what_is_not_one_object_is_refused_without_a_word_of_it() {
        for (String bad : new String[] {"[]", "{\"secret\":", "{} {}", "{\"a\":1,\"a\":2}", ""}) {
            assertThatThrownBy(() -> read(bad))
                    .isInstanceOf(InputException.class)
                    .hasMessageNotContaining("secret");
        }
    }
}
