package dev.batchwright.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;

import org.junit.jupiter.api.Test;

import java.util.OptionalLong;
import java.util.Random;

class TokenEstimatorTest {
    private static final String CHAT = "/v1/chat/completions";
    private final TokenEstimator estimator = new TokenEstimator();

    private static Request request(String endpoint, String body) {
        return new Request("openai", endpoint, "gpt-5-mini", RawJson.of(body));
    }

    private static String chat(String text, String more) {
        return "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
                .formatted(text, more);
    }

    @Test
    void four_bytes_are_a_token_and_the_output_is_the_documented_guess() {
        var estimate = estimator.estimate(request(CHAT, chat("x".repeat(4000), "")));
        assertThat(estimate.input()).isBetween(1000L, 1030L);
        assertThat(estimate.output()).isEqualTo(TokenEstimator.DEFAULT_OUTPUT);
        assertThat(estimate.total()).isEqualTo(estimate.input() + estimate.output());
    }

    @Test
    void a_cap_is_reserved_for_every_choice_and_the_mean_expected() {
        var estimate =
                estimator.estimate(
                        request(CHAT, chat("hi", ",\"max_completion_tokens\": 4000,\"n\":3")));
        assertThat(estimate.output()).isEqualTo(12_000);
        assertThat(estimate.expectedOutput()).isEqualTo(3 * TokenEstimator.DEFAULT_OUTPUT);
    }

    @Test
    void a_small_cap_bounds_what_is_expected() {
        var estimate = estimator.estimate(request(CHAT, chat("hi", ",\"max_tokens\":10")));
        assertThat(estimate.expectedOutput()).isEqualTo(10);
        assertThat(estimate.expectedUsage()).isEqualTo(new Usage(estimate.input(), 0, 10));
    }

    @Test
    void embeddings_have_no_output() {
        var body = "{\"model\":\"text-embedding-3-small\",\"input\":[\"a\",\"b\"]}";
        assertThat(estimator.estimate(request("/v1/embeddings", body)).output()).isZero();
    }

    @Test
    void a_picture_counts_as_one_however_long_it_is() {
        String url = "data:image/png;base64," + "A".repeat(3_000_000);
        String body = "{\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"" + url + "\"}}]}]}";
        BodyScan scan = BodyScan.of(RawJson.of(body));
        assertThat(scan.media()).isEqualTo(1);
        assertThat(scan.textBytes()).isEqualTo(body.length() - url.length());
        String audio = "{\"input_audio\":{\"data\":\"" + "B".repeat(5000) + "\"}}";
        assertThat(BodyScan.of(RawJson.of(audio.formatted("B".repeat(5000)))).media()).isEqualTo(1);
        String longText = "{\"content\":\"" + "C".repeat(5000) + "\"}";
        assertThat(BodyScan.of(RawJson.of(longText)).media()).isZero();
    }

    @Test
    void only_the_top_level_caps_the_output() {
        String tool = ",\"tools\":[{\"parameters\":{\"max_tokens\":7,\"n\":9}}]";
        String quoted = chat("say \\\"max_tokens\\\":5, {[", tool);
        BodyScan scan = BodyScan.of(RawJson.of(quoted));
        assertThat(scan.outputCap()).isEmpty();
        assertThat(scan.choices()).isEqualTo(1);
        BodyScan responses = BodyScan.of(RawJson.of("{\"max_output_tokens\" : 55, \"n\":null}"));
        assertThat(responses.outputCap()).isEqualTo(OptionalLong.of(55));
        assertThat(responses.choices()).isEqualTo(1);
    }

    @Test
    void inputs_are_counted_one_by_one() {
        assertThat(inputs("\"one text, [\\\"a\\\",\\\"b\\\"]\"")).isEqualTo(1);
        assertThat(inputs("[\"a\", \"b,[\" ,\"c\"]")).isEqualTo(3);
        assertThat(inputs("[1,2,3]")).isEqualTo(1);
        assertThat(inputs("[[1,2],[3],[4,5]]")).isEqualTo(3);
        assertThat(inputs("[{\"text\":\"a\"},{\"image\":[\"b\"]}]")).isEqualTo(2);
        assertThat(inputs("[]")).isEqualTo(1);
    }

    private static long inputs(String input) {
        String body = "{\"stop\":[\"x\",\"y\"],\"input\":%s,\"user\":\"u\"}".formatted(input);
        return BodyScan.of(RawJson.of(body)).inputs();
    }

    @Test
    void a_body_that_is_cut_off_anywhere_is_still_scanned() {
        byte[] body =
                RawJson.of(chat("a \\\\ b \\\" c", ",\"max_tokens\":12,\"n\":2")).toByteArray();
        for (int length = 0; length <= body.length; length++) {
            assertThat(BodyScan.of(RawJson.of(body, 0, length)).textBytes()).isEqualTo(length);
        }
    }

    @Test
    void usage_calibrates_input_and_output_of_its_own_model_only() {
        var random = new Random(5);
        Request request = request(CHAT, chat("x".repeat(2000), ""));
        for (int i = 0; i < 1000; i++) {
            var estimate = estimator.estimate(request);
            estimator.learn(
                    request,
                    estimate,
                    new Usage(700 + random.nextInt(100), 0, 20 + random.nextInt(20)));
        }
        var calibrated = estimator.estimate(request);
        assertThat(calibrated.input()).isCloseTo(750, within(15L));
        assertThat(calibrated.output()).isCloseTo(30, within(3L));
        assertThat(estimator.meanOutput("openai", "gpt-5-mini")).isCloseTo(30, within(3L));
        assertThat(estimator.meanOutput("openai", "other"))
                .isEqualTo(TokenEstimator.DEFAULT_OUTPUT);
    }

    @Test
    void an_answer_without_usage_teaches_nothing() {
        Request request = request(CHAT, chat("hello", ""));
        var before = estimator.estimate(request);
        estimator.learn(request, before, Usage.NONE);
        assertThat(estimator.estimate(request)).isEqualTo(before);
    }

    @Test
    void counts_the_body_alone_where_it_is_a_slice_of_something_longer() {
        String body = "{\"model\":\"m\",\"input\":\"hello\",\"max_tokens\":7}";
        byte[] line =
                ("{\"custom_id\":\"a\",\"max_tokens\":9000,\"body\":" + body + "}").getBytes(UTF_8);
        var slice = RawJson.of(line, line.length - 1 - body.length(), body.length());

        assertThat(BodyScan.of(slice)).isEqualTo(BodyScan.of(RawJson.of(body)));
    }
}
