package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

class InputFormsTest {
    private static final RequestOptions WITH_MODEL = RequestOptions.NONE.withModel("m");

    @TempDir Path directory;

    @Test
    void a_batch_line_keeps_its_body_byte_for_byte() {
        String body =
                "{ \"model\":\"gpt-5-mini\""
                    + " ,\"messages\":[{\"role\":\"user\",\"content\":\"h\\u00e9 é \\\" \"}], \"x\""
                    + " : 1.50e3}";
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        "{\"custom_id\":\"a b\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":%s}\r\n"
                                .formatted(body),
                        RequestOptions.NONE);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.ids()).containsExactly("a b");
        assertThat(loaded.body(0)).isEqualTo(body);
        assertThat(loaded.endpoint(0)).isEqualTo("/v1/chat/completions");
        assertThat(loaded.items().getFirst().row()).isEmpty();
    }

    @Test
    void a_prefixed_model_is_exchanged_and_nothing_else() {
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        "{\"url\":\"/v1/chat/completions\",\"body\": {\"a\" : [1], \"model\" :"
                                + " \"openai\\/gpt-5\" , \"messages\":[{}]} ,\"custom_id\":\"1\"}",
                        RequestOptions.NONE);

        assertThat(loaded.body(0))
                .isEqualTo("{\"a\" : [1], \"model\" : \"gpt-5\" , \"messages\":[{}]}");
        assertThat(loaded.items().getFirst().request().provider()).isEqualTo("openai");
        assertThat(loaded.items().getFirst().request().model()).isEqualTo("gpt-5");
    }

    @Test
    void a_table_with_a_template_becomes_chat_requests() {
        var loaded =
                Loading.of(
                        directory,
                        "in.csv",
                        "\uFEFFid,text\r\n1,\"say \"\"hi\"\",\r\nnow\"\r\n2,plain\r\n",
                        WITH_MODEL.withPrompt("Classify: {{ text }} \\{{x}}").withIdColumn("id"));

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.ids()).containsExactly("1", "2");
        assertThat(loaded.body(0))
                .isEqualTo(
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Classify:"
                                + " say \\\"hi\\\",\\r"
                                + "\\n"
                                + "now {{x}}\"}]}");
        assertThat(loaded.items().getFirst().row().orElseThrow())
                .hasToString("{\"id\":\"1\",\"text\":\"say \\\"hi\\\",\\r\\nnow\"}");
        assertThat(loaded.report().columns()).containsExactly("id", "text");
    }
}
