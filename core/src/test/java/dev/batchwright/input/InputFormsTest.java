package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.batchwright.job.Item;
import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

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

    static Stream<Arguments> bodiesWithMessagesForAnthropic() {
        String user = "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]";
        String capped = "\"max_tokens\":9," + user;
        return Stream.of(
                arguments(user, "/v1/chat/completions"),
                arguments(capped, "/v1/messages"),
                arguments("\"system\":\"s\"," + capped, "/v1/messages"),
                arguments("\"stop_sequences\":[\"x\"]," + capped, "/v1/messages"),
                arguments("\"tool_choice\":{\"type\":\"any\"}," + capped, "/v1/messages"),
                arguments(
                        "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"function\":1}}]," + capped,
                        "/v1/messages"),
                arguments(
                        "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"file\"}}]}]",
                        "/v1/messages"),
                arguments("\"stop\":\"x\"," + capped, "/v1/chat/completions"),
                arguments("\"tool_choice\":\"auto\"," + capped, "/v1/chat/completions"),
                arguments(
                        "\"tools\":[{\"type\":\"function\",\"function\":{}}]," + capped,
                        "/v1/chat/completions"),
                arguments(
                        "\"max_tokens\":9,\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"a\"}]",
                        "/v1/chat/completions"),
                arguments(
                        "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"},{\"type\":\"image_url\"}]}]",
                        "/v1/chat/completions"));
    }

    @ParameterizedTest
    @MethodSource("bodiesWithMessagesForAnthropic")
    void a_body_for_anthropic_is_a_message_or_a_chat(String members, String endpoint) {
        String claude = "{\"model\":\"claude-haiku-4-5\",%s}".formatted(members);
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        "%s\n{\"custom_id\":\"1\",\"body\":%s}\n{\"model\":\"m\",%s}"
                                .formatted(claude, claude, members),
                        RequestOptions.NONE);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.endpoint(0)).isEqualTo(endpoint);
        assertThat(loaded.body(0)).isEqualTo(claude);
        assertThat(loaded.endpoint(1)).isEqualTo(endpoint);
        // Nobody else is known to take messages.
        assertThat(loaded.endpoint(2)).isEqualTo("/v1/chat/completions");
    }

    @Test
    void a_batch_line_for_messages_keeps_its_body() {
        String body = "{\"model\":\"claude-haiku-4-5\", \"max_tokens\":1,\"messages\":[{}]}";
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        "{\"custom_id\":\"1\",\"url\":\"/v1/messages\",\"body\":%s}"
                                .formatted(body),
                        RequestOptions.NONE);

        assertThat(loaded.endpoint(0)).isEqualTo("/v1/messages");
        assertThat(loaded.body(0)).isEqualTo(body);
    }

    @Test
    void rows_become_messages_with_a_limit_where_they_are_asked_for() throws IOException {
        Path schema = directory.resolve("s.json");
        Files.writeString(schema, "{\"type\":\"object\"}");
        RequestOptions options =
                RequestOptions.NONE
                        .withModel("claude-haiku-4-5")
                        .withPrompt("{{t}}?")
                        .withEndpoint(Endpoint.MESSAGES);

        assertThat(Loading.of(directory, "in.csv", "t\nx\n", options).body(0))
                .isEqualTo(
                        "{\"model\":\"claude-haiku-4-5\",\"max_tokens\":4096,\"messages\":[{\"role\":\"user\",\"content\":\"x?\"}]}");
        assertThat(
                        Loading.of(
                                        directory,
                                        "in.csv",
                                        "t\nx\n",
                                        options.withSystem("s")
                                                .withSchema(ResponseSchema.read(schema)))
                                .body(0))
                .isEqualTo(
                        "{\"model\":\"claude-haiku-4-5\",\"max_tokens\":4096,\"system\":\"s\",\"messages\":[{\"role\":\"user\",\"content\":\"x?\"}],\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}}}");
    }

    static Stream<Arguments> endpointsOfBareBodies() {
        return Stream.of(
                arguments("\"messages\":[{\"role\":\"user\"}]", "/v1/chat/completions"),
                arguments("\"input\":[\"a\"],\"encoding_format\":\"float\"", "/v1/embeddings"),
                arguments("\"input\":\"a\",\"dimensions\":3", "/v1/embeddings"),
                arguments("\"input\":\"a\",\"instructions\":\"b\"", "/v1/responses"),
                arguments("\"input\":\"a\",\"max_output_tokens\":5", "/v1/responses"),
                arguments("\"input\":[ {\"role\":\"user\",\"content\":\"a\"}]", "/v1/responses"),
                arguments("\"text_1\":\"a\",\"text_2\":\"b\"", "/v1/score"),
                arguments("\"query\":\"a\",\"documents\":[\"b\"]", "/v1/rerank"),
                arguments("\"prompt\":\"a\",\"size\":\"1024x1024\"", "/v1/images/generations"),
                arguments(
                        "\"prompt\":\"a\",\"size\":\"1024x1024\",\"image\":[\"b\"]",
                        "/v1/images/edits"));
    }

    @ParameterizedTest
    @MethodSource("endpointsOfBareBodies")
    void the_endpoint_of_a_bare_body_is_told_from_its_keys(String members, String endpoint) {
        String body = "{\"model\":\"m\",%s}".formatted(members);
        var loaded = Loading.of(directory, "in.jsonl", body, RequestOptions.NONE);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.endpoint(0)).isEqualTo(endpoint);
        assertThat(loaded.body(0)).isEqualTo(body);
    }

    @Test
    void the_model_decides_what_an_input_is_for() {
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        """
                        {"model":"text-embedding-3-small","input":"a"}
                        {"model":"omni-moderation-latest","input":"a"}
                        {"url":"/v1/score","method":"POST","body":{"model":"s","text_1":"a","text_2":"b"}}
                        {"custom_id":"c","body":{"model":"text-embedding-3-small","input":"a"}}
                        """,
                        RequestOptions.NONE);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.report().endpoints())
                .containsExactly(
                        entry("/v1/embeddings", 2L),
                        entry("/v1/moderations", 1L),
                        entry("/v1/score", 1L));
        assertThat(loaded.report().models())
                .containsExactly(
                        entry("omni-moderation-latest", 1L),
                        entry("s", 1L),
                        entry("text-embedding-3-small", 2L));
    }

    @Test
    void a_named_endpoint_ends_every_doubt() {
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        """
                        {"model":"m","prompt":"a","max_tokens":5}
                        {"prompt":"b"}
                        """,
                        WITH_MODEL.withEndpoint(Endpoint.COMPLETIONS));

        assertThat(loaded.body(0)).isEqualTo("{\"model\":\"m\",\"prompt\":\"a\",\"max_tokens\":5}");
        assertThat(loaded.body(1)).isEqualTo("{\"model\":\"m\",\"prompt\":\"b\"}");
        assertThat(loaded.items().get(0).row()).isEmpty();
        assertThat(loaded.items().get(1).row()).isPresent();
    }

    private static final String OWN =
            "\"contents\":[{\"parts\":[{\"text\":\"a\"}]}],\"generationConfig\" : {\"seed\":1e0}";

    static Stream<Arguments> requestsInGeminisForm() {
        return Stream.of(
                arguments("{%s}", "{%s}", "m", "row-[0-9a-f]{16}"),
                arguments("{\"model\":\"g\",%s}", "{%s}", "g", "row-[0-9a-f]{16}"),
                arguments("{\"custom_id\":\"a\", \"model\":\"g\",%s}", "{%s}", "g", "a"),
                arguments("{%s , \"model\":\"openai/g\",\"custom_id\":\"a\"}", "{%s}", "g", "a"),
                arguments("{\"key\":\"a\",\"request\":{%s}}", "{%s}", "m", "a"),
                arguments("{\"request\":{%s },\"key\":7}", "{%s }", "m", "7"),
                arguments("{\"request\":{%s}}", "{%s}", "m", "row-[0-9a-f]{16}"),
                arguments("{\"custom_id\":\"a\",\"request\":{%s}}", "{%s}", "m", "a"),
                arguments(
                        "{\"key\":\"a\",\"request\":{\"model\":\"openai/g\",%s}}",
                        "{%s}", "g", "a"),
                arguments(
                        "{\"custom_id\":\"a\",\"url\":\"/v1beta/models/g:generateContent\",\"body\":{%s}}",
                        "{%s}", "g", "a"),
                arguments(
                        "{\"custom_id\":\"a\",\"url\":\"/v1beta/models/{model}:generateContent\",\"body\":{%s}}",
                        "{%s}", "m", "a"));
    }

    @ParameterizedTest
    @MethodSource("requestsInGeminisForm")
    void a_request_in_geminis_form_keeps_its_bytes_without_id_and_model(
            String pattern, String body, String model, String id) {
        var loaded = Loading.of(directory, "in.jsonl", pattern.formatted(OWN), WITH_MODEL);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.endpoint(0)).isEqualTo("/v1beta/models/{model}:generateContent");
        assertThat(loaded.body(0)).isEqualTo(body.formatted(OWN));
        assertThat(loaded.items().getFirst().request().model()).isEqualTo(model);
        assertThat(loaded.ids().getFirst()).matches(id);
    }

    @Test
    void embeddings_in_geminis_form_have_one_content() {
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        """
                        {"key":"a","request":{"content":{"parts":[{"text":"x"}]},"taskType":"CLUSTERING"}}
                        {"content":{"parts":[{"text":"y"}]}}
                        {"content":"a row","prompt":"z"}
                        """,
                        WITH_MODEL);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.endpoint(0)).isEqualTo("/v1beta/models/{model}:embedContent");
        assertThat(loaded.endpoint(1)).isEqualTo("/v1beta/models/{model}:embedContent");
        assertThat(loaded.endpoint(2)).isEqualTo("/v1/chat/completions");
    }

    @Test
    void a_prompt_is_not_for_requests_in_geminis_form() {
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        "{\"key\":\"a\",\"request\":{%s}}".formatted(OWN),
                        WITH_MODEL.withPrompt("{{key}}"));

        assertThat(loaded.report().problems())
                .extracting(Problem::text)
                .containsExactly(
                        "this is a batch line with its own body, and --prompt is for rows. Leave"
                                + " --prompt out.");
    }

    static Stream<Arguments> idsInBareBodies() {
        return Stream.of(
                arguments("{\"custom_id\":\"a\", \"model\":\"m\",%s}", "{\"model\":\"m\",%s}"),
                arguments("{\"model\":\"m\" ,\"custom_id\":\"a\",%s}", "{\"model\":\"m\" ,%s}"),
                arguments("{\"model\":\"m\",%s , \"custom_id\" : \"a\" }", "{\"model\":\"m\",%s }"),
                arguments("{%s,\"custom_id\":\"a\"}", "{\"model\":\"d\",%s}"),
                arguments("{\"custom_id\":\"a\",%s}", "{\"model\":\"d\",%s}"),
                arguments(
                        "{\"custom_id\":\"a\",%s,\"model\":\"openai/x\"}", "{%s,\"model\":\"x\"}"),
                arguments(
                        "{\"model\":\"openai/x\",%s,\"custom_id\":\"a\"}", "{\"model\":\"x\",%s}"),
                arguments("{\"model\":null,%s}", "{\"model\":\"d\",%s}"));
    }

    @ParameterizedTest
    @MethodSource("idsInBareBodies")
    void an_id_in_a_bare_body_is_ours_and_is_not_sent(String pattern, String sent) {
        String messages = "\"messages\":[{\"content\":\"custom_id\"}]";
        String line = pattern.formatted(messages);
        var loaded = Loading.of(directory, "in.jsonl", line, RequestOptions.NONE.withModel("d"));

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.body(0)).isEqualTo(sent.formatted(messages));
        assertThat(loaded.ids().getFirst())
                .matches(line.contains("\"a\"") ? "a" : "row-[0-9a-f]{16}");
    }

    static Stream<Arguments> bodiesOfRows() {
        String text = "\"say \\\"hi\\\" \\u00e9\"";
        return Stream.of(
                arguments(
                        WITH_MODEL,
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
                                + text
                                + "}]}"),
                arguments(
                        WITH_MODEL.withSystem("K = {{k}}"),
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"K ="
                                + " 1.0\"},{\"role\":\"user\",\"content\":"
                                + text
                                + "}]}"),
                arguments(
                        WITH_MODEL.withEndpoint(Endpoint.RESPONSES).withSystem("s"),
                        "{\"model\":\"m\",\"instructions\":\"s\",\"input\":" + text + "}"),
                arguments(
                        WITH_MODEL.withEndpoint(Endpoint.EMBEDDINGS),
                        "{\"model\":\"m\",\"input\":" + text + "}"),
                arguments(
                        WITH_MODEL
                                .withEndpoint(Endpoint.parse("generateContent"))
                                .withSystem("K = {{k}}")
                                .withSchema(SCHEMA),
                        "{\"systemInstruction\":{\"parts\":[{\"text\":\"K ="
                                + " 1.0\"}]},\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
                                + text
                                + "}]}],\"generationConfig\":{\"responseMimeType\":\"application/json\",\"responseJsonSchema\":{\"type\":\"object\"}}}"),
                arguments(
                        WITH_MODEL.withEndpoint(Endpoint.GENERATE_CONTENT),
                        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":" + text + "}]}]}"),
                arguments(
                        WITH_MODEL.withEndpoint(Endpoint.EMBED_CONTENT),
                        "{\"content\":{\"parts\":[{\"text\":" + text + "}]}}"),
                arguments(
                        WITH_MODEL.withEndpoint(Endpoint.MODERATIONS),
                        "{\"model\":\"m\",\"input\":" + text + "}"),
                arguments(
                        WITH_MODEL.withEndpoint(Endpoint.COMPLETIONS),
                        "{\"model\":\"m\",\"prompt\":" + text + "}"),
                arguments(
                        WITH_MODEL.withEndpoint(Endpoint.IMAGES),
                        "{\"model\":\"m\",\"prompt\":" + text + "}"),
                arguments(
                        RequestOptions.NONE,
                        "{\"model\":\"own\",\"messages\":[{\"role\":\"user\",\"content\":"
                                + text
                                + "}]}"),
                arguments(
                        WITH_MODEL.withPrompt("{{tags}}{{none}}"),
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"[\\\"a\\\","
                            + " 2]\"}]}"),
                arguments(
                        WITH_MODEL.withSchema(SCHEMA),
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
                                + text
                                + "}],\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\",\"strict\":true,\"schema\":{\"type\":\"object\"}}}}"),
                arguments(
                        WITH_MODEL.withEndpoint(Endpoint.RESPONSES).withSchema(SCHEMA),
                        "{\"model\":\"m\",\"input\":"
                                + text
                                + ",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"s\",\"strict\":true,\"schema\":{\"type\":\"object\"}}}}"));
    }

    private static final ResponseSchema SCHEMA =
            new ResponseSchema("s", RawJson.of("{\"type\":\"object\"}"));

    @ParameterizedTest
    @MethodSource("bodiesOfRows")
    void a_row_becomes_the_body_that_its_endpoint_takes(RequestOptions options, String body) {
        String row =
                "{\"prompt\":\"say \\\"hi\\\" \\u00e9\", \"model\":\"own\", \"k\":1.0,"
                        + " \"tags\":[\"a\", 2], \"none\":null}";
        var loaded = Loading.of(directory, "in.jsonl", row, options);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.body(0)).isEqualTo(body);
        assertThat(loaded.items().getFirst().row()).contains(RawJson.of(row));
        assertThat(loaded.report().columns())
                .containsExactly("prompt", "model", "k", "tags", "none");
    }

    @Test
    void a_named_endpoint_is_never_exchanged_for_another() {
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        "{\"prompt\":\"a\",\"size\":\"1024x1024\"}",
                        WITH_MODEL.withEndpoint(Endpoint.CHAT));

        assertThat(loaded.report().problems())
                .extracting(Problem::text)
                .containsExactly(
                        "a request for /v1/chat/completions needs `messages`, which this one"
                                + " lacks.");
    }

    @Test
    void rows_of_web_pages_are_no_batch_lines() {
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        "{\"url\":\"https://example.org\",\"method\":\"GET\",\"body\":\"text\"}",
                        WITH_MODEL.withPrompt("Summarise: {{body}}"));

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.body(0)).contains("\"Summarise: text\"");
    }

    @Test
    void forms_may_be_mixed_and_blank_lines_count_only_as_lines() {
        var loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        "\uFEFF"
                                + """
                                {"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"e","input":"x"}}

                                {"prompt":"b","id":7}
                                {"model":"c","messages":[{"role":"user"}]}\
                                """,
                        WITH_MODEL);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.items()).extracting(Item::seq).containsExactly(1L, 2L, 3L);
        assertThat(loaded.report().targets())
                .containsOnly(
                        entry(new LoadReport.Target("echo", "e", "/v1/embeddings"), 1L),
                        entry(new LoadReport.Target("echo", "m", "/v1/chat/completions"), 1L),
                        entry(new LoadReport.Target("echo", "c", "/v1/chat/completions"), 1L));
    }

    static Stream<Arguments> names() {
        String table = "prompt,x\na,1\n";
        return Stream.of(
                arguments("in.csv", table),
                arguments("IN.TSV", table.replace(',', '\t')),
                arguments("in.tab", table.replace(',', '\t')),
                arguments("in", table),
                arguments("in.txt", table.replace(',', '\t')),
                arguments("in.jsonl", "{\"prompt\":\"a\",\"x\":\"1\"}"),
                arguments("in.ndjson", "{\"prompt\":\"a\",\"x\":\"1\"}"),
                arguments("in.data", "\n {\"prompt\":\"a\",\"x\":\"1\"}"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void the_format_is_told_by_the_name_or_else_by_the_content(String name, String content)
            throws IOException {
        var plain = Loading.of(directory, name, content, WITH_MODEL);
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        var compressed = Loading.of(directory, name + ".gz", bytes.toByteArray(), WITH_MODEL);

        assertThat(plain.report().columns()).containsExactly("prompt", "x");
        assertThat(plain.body(0)).contains("\"content\":\"a\"");
        assertThat(compressed.items()).isEqualTo(plain.items());
    }

    @Test
    void a_warning_is_said_once_with_its_count_and_first_line() throws IOException {
        Path file = directory.resolve("in.jsonl");
        Files.writeString(file, "{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n{\"prompt\":\"c\"}\n");
        RequestCheck check =
                request ->
                        request.body().toString().contains("\"a\"")
                                ? List.of()
                                : List.of("m takes no prompts.");
        try (var source = InputSource.of(file)) {
            var report =
                    new InputLoader(source, WITH_MODEL, Loading.ROUTER, check, directory)
                            .load(item -> {});
            assertThat(report.warnings())
                    .containsExactly(new Warning(file.toString(), 2, 2, "m takes no prompts."));
            assertThat(report.warnings().getFirst())
                    .hasToString(file + ":2: m takes no prompts. (the same in 1 more request)");
        }
    }

    @Test
    void the_fingerprint_is_that_of_content_and_options() throws IOException {
        Path file = directory.resolve("a.jsonl");
        Path other = directory.resolve("b.jsonl");
        Files.writeString(file, "{\"prompt\":\"a\"}\n");
        Files.writeString(other, "{\"prompt\":\"a\"}\n");
        String first = fingerprint(file, WITH_MODEL);

        assertThat(fingerprint(other, WITH_MODEL)).isEqualTo(first).matches("[0-9a-f]{64}");
        assertThat(
                        Stream.of(
                                        RequestOptions.NONE,
                                        RequestOptions.NONE.withProvider("m"),
                                        WITH_MODEL.withPrompt("{{prompt}}"),
                                        WITH_MODEL.withSystem("{{prompt}}"),
                                        WITH_MODEL.withEndpoint(Endpoint.RESPONSES),
                                        WITH_MODEL.withSchema(SCHEMA),
                                        WITH_MODEL.withIdColumn("x"),
                                        WITH_MODEL.withBaseUrl("http://x"))
                                .map(options -> fingerprint(file, options)))
                .doesNotHaveDuplicates()
                .doesNotContain(first);
        Files.writeString(other, "{\"prompt\":\"b\"}\n");
        assertThat(fingerprint(other, WITH_MODEL)).isNotEqualTo(first);
    }

    private static String fingerprint(Path file, RequestOptions options) {
        try (var source = InputSource.of(file)) {
            return Fingerprint.of(source, options);
        }
    }
}
