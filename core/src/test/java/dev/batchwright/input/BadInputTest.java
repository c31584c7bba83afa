package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Everything that can be wrong with a file, and what is said of it. */
class BadInputTest {
    private static final RequestOptions NONE = RequestOptions.NONE;
    private static final RequestOptions M = NONE.withModel("m");
    private static final String ENDPOINTS =
            "/v1/chat/completions, /v1/responses, /v1/messages,"
                    + " /v1beta/models/{model}:generateContent,"
                    + " /v1beta/models/{model}:embedContent, /v1/embeddings, /v1/completions,"
                    + " /v1/moderations, /v1/score, /v1/rerank, /v1/images/generations,"
                    + " /v1/images/edits.";

    @TempDir Path directory;

    private static String chat(String members) {
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]%s}"
                .formatted(members);
    }

    private static String line(String envelope, String body) {
        return "{%s\"body\":%s}".formatted(envelope, body);
    }

    private static final String POST_CHAT =
            "\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",";

    static Stream<Arguments> badLines() {
        return Stream.of(
                // JSON itself
                arguments(
                        "{\"prompt\": \"a}",
                        M,
                        1,
                        "the line ends within its JSON, at column 14. Was it cut short, or broken"
                                + " into several?"),
                arguments("{\"prompt\": é}", M, 1, "the line is not JSON: see column 12."),
                arguments("{\"prompt\": \"x\",}", M, 1, "the line is not JSON: see column 16."),
                arguments("{'prompt': 'x'}", M, 1, "the line is not JSON: see column 2."),
                arguments("{\"prompt\": \"a\\qb\"}", M, 1, "the line is not JSON: see column 15."),
                arguments("{\"prompt\": \"a\tb\"}", M, 1, "the line is not JSON: see column 14."),
                arguments("{\"prompt\": NaN}", M, 1, "the line is not JSON: see column 15."),
                arguments(
                        "\"prompt\"",
                        M,
                        1,
                        "the line is JSON, but not an object. Each line holds one, as in"
                                + " {\"prompt\": \"...\"}."),
                arguments(
                        "17",
                        M,
                        1,
                        "the line is JSON, but not an object. Each line holds one, as in"
                                + " {\"prompt\": \"...\"}."),
                arguments(
                        "{\"prompt\":\"a\"} {\"prompt\":\"b\"}",
                        M,
                        1,
                        "the line goes on after its object, at column 16. Each line holds one."),
                arguments(
                        "{\"prompt\":\"a\"}\n\n[1]",
                        M,
                        3,
                        "the line is JSON, but not an object. Each line holds one, as in"
                                + " {\"prompt\": \"...\"}."),
                arguments(
                        "[{\"prompt\":\"a\"},",
                        M,
                        1,
                        "the file is one JSON array. Batchwright reads one object a line: `jq -c"
                                + " '.[]' FILE > FILE.jsonl` makes that of it."),
                arguments(
                        "{\n  \"prompt\": \"a\"\n}",
                        M,
                        1,
                        "the objects are spread over several lines. Batchwright reads one object a"
                                + " line: `jq -c . FILE > FILE.jsonl` makes that of it."),
                arguments(
                        "{\"prompt\":" + "[".repeat(2000),
                        M,
                        1,
                        "the JSON is nested too deeply, or a name in it is too long. Simplify it."),
                arguments(
                        "{\"prompt\":\"a\",\"prompt\":\"b\"}",
                        M,
                        1,
                        "the object has `prompt` twice. Keep one."),
                // Batch lines
                arguments(
                        line("\"method\":\"GET\",\"url\":\"/v1/chat/completions\",", chat("")),
                        NONE,
                        1,
                        "`method` is not POST. Nothing else can be called."),
                arguments(
                        line("\"method\":7,\"url\":\"/v1/chat/completions\",", chat("")),
                        NONE,
                        1,
                        "`method` is not POST. Nothing else can be called."),
                arguments(
                        line("\"url\":\"/v1/chat/completion\",", chat("")),
                        NONE,
                        1,
                        "`url` is not an endpoint that can be called. Did you mean"
                                + " `/v1/chat/completions`? The endpoints: "
                                + ENDPOINTS),
                arguments(
                        line("\"url\":\"/chat/completions\",", chat("")),
                        NONE,
                        1,
                        "`url` is not an endpoint that can be called. Did you mean"
                                + " `/v1/chat/completions`? The endpoints: "
                                + ENDPOINTS),
                arguments(
                        line("\"url\":\"/v1/audio/speech\",", chat("")),
                        NONE,
                        1,
                        "`url` is not an endpoint that can be called. The endpoints: " + ENDPOINTS),
                arguments(
                        line("\"url\":\"/messages\",", chat("")),
                        NONE,
                        1,
                        "`url` is not an endpoint that can be called. Did you mean `/v1/messages`?"
                                + " The endpoints: "
                                + ENDPOINTS),
                arguments(
                        line("\"url\":\"/v1/messages\",", chat("")),
                        NONE,
                        1,
                        "a request for /v1/messages needs `max_tokens`, which this one lacks."),
                arguments(
                        line(
                                "\"url\":\"/v1beta/models/gemini-2.5-pro:streamGenerateContent\",",
                                chat("")),
                        NONE,
                        1,
                        "`url` is one of Gemini's endpoints that a job can't call. Write the"
                                + " request for /v1beta/models/{model}:generateContent or"
                                + " /v1beta/models/{model}:embedContent."),
                arguments(
                        line(
                                "\"url\":\"/v1beta/models/gemini-2.5-pro:generateContent\",",
                                chat("")),
                        NONE,
                        1,
                        "a request for /v1beta/models/{model}:generateContent needs `contents`,"
                                + " which this one lacks."),
                arguments(
                        line("\"url\":\"https://api.openai.com/v1/chat/completions\",", chat("")),
                        NONE,
                        1,
                        "`url` is a whole URL. Name the endpoint alone, as in /v1/chat/completions,"
                                + " and the server with --base-url."),
                arguments(
                        "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\"}",
                        NONE,
                        1,
                        "the batch line has no `body`. Put the request there."),
                arguments(
                        line(POST_CHAT, "\"{}\""),
                        NONE,
                        1,
                        "`body` is not an object. Put the request there, not in quotes."),
                arguments(
                        line(POST_CHAT, "[]"),
                        NONE,
                        1,
                        "`body` is not an object. Put the request there, not in quotes."),
                arguments(
                        line(POST_CHAT, "null"),
                        NONE,
                        1,
                        "`body` is not an object. Put the request there, not in quotes."),
                arguments(
                        line("\"custom_id\":\"a\",", "{\"model\":\"m\",\"input\":\"x\"}"),
                        NONE,
                        1,
                        "the batch line has no `url`, and its body does not show what it is for."
                                + " Add \"url\": \"/v1/chat/completions\" or another."),
                arguments(
                        line(POST_CHAT, "{\"model\":\"m\"}"),
                        NONE,
                        1,
                        "a request for /v1/chat/completions needs `messages`, which this one"
                                + " lacks."),
                arguments(
                        line("\"url\":\"/v1/embeddings\",", "{\"model\":\"m\"}"),
                        NONE,
                        1,
                        "a request for /v1/embeddings needs `input` or `messages`, which this one"
                                + " lacks."),
                arguments(
                        line("\"url\":\"/v1/responses\",", "{\"model\":\"m\"}"),
                        NONE,
                        1,
                        "a request for /v1/responses needs `input` or `prompt` or"
                            + " `previous_response_id` or `conversation`, which this one lacks."),
                arguments(
                        line("\"url\":\"/v1/rerank\",", "{\"model\":\"m\",\"query\":\"q\"}"),
                        NONE,
                        1,
                        "a request for /v1/rerank needs `documents`, which this one lacks."),
                arguments(
                        line("\"url\":\"/v1/images/edits\",", "{\"model\":\"m\",\"prompt\":\"q\"}"),
                        NONE,
                        1,
                        "a request for /v1/images/edits needs `image` or `images`, which this one"
                                + " lacks."),
                arguments(
                        line(POST_CHAT, "{\"messages\":[{}]}"),
                        NONE,
                        1,
                        "it names no model. Add `model`, or give one with -m."),
                arguments(
                        line(POST_CHAT, "{\"model\":null,\"messages\":[{}]}"),
                        NONE,
                        1,
                        "it names no model. Add `model`, or give one with -m."),
                arguments(
                        line(POST_CHAT, "{\"model\":5,\"messages\":[{}]}"),
                        NONE,
                        1,
                        "`model` is not a string. Write it in quotes."),
                arguments(
                        line(POST_CHAT, chat(",\"stream\":true")),
                        NONE,
                        1,
                        "`stream` is true, and a job has nobody to stream to. Remove `stream`."),
                arguments(
                        line(
                                "\"url\":\"/v1/responses\",",
                                "{\"model\":\"m\",\"input\":\"x\",\"background\":true}"),
                        NONE,
                        1,
                        "`background` is true: the answer would not be in the reply. Remove"
                                + " `background`."),
                arguments(
                        line(POST_CHAT, chat(",\"model\":\"n\"")),
                        NONE,
                        1,
                        "the request has `model` twice. Keep one."),
                arguments(
                        line(POST_CHAT, "{\"model\":\"m\",\"messages\":\"hi\"}"),
                        NONE,
                        1,
                        "`messages` is not a list of messages. Write [{\"role\": \"user\","
                                + " \"content\": \"...\"}]."),
                arguments(
                        line(POST_CHAT, "{\"model\":\"m\",\"messages\":[ ]}"),
                        NONE,
                        1,
                        "`messages` is not a list of messages. Write [{\"role\": \"user\","
                                + " \"content\": \"...\"}]."),
                arguments(
                        line(POST_CHAT, "{\"model\":\"m\",\"messages\":[\"hi\"]}"),
                        NONE,
                        1,
                        "`messages` is not a list of messages. Write [{\"role\": \"user\","
                                + " \"content\": \"...\"}]."),
                arguments(
                        line(POST_CHAT, "{\"model\":\"unknown-1\",\"messages\":[{}]}"),
                        NONE,
                        1,
                        "model `unknown-1` belongs to no known provider. Name one with -p."),
                arguments(
                        line("\"custom_id\":\"\",\"url\":\"/v1/chat/completions\",", chat("")),
                        NONE,
                        1,
                        "the id is empty. Give every request one, or none at all: then they are"
                                + " made from the content."),
                arguments(
                        line("\"custom_id\":[1],\"url\":\"/v1/chat/completions\",", chat("")),
                        NONE,
                        1,
                        "`custom_id` is neither text nor a whole number."),
                arguments(
                        line("\"custom_id\":\"a\\nb\",\"url\":\"/v1/chat/completions\",", chat("")),
                        NONE,
                        1,
                        "the id holds a control character or half a character. Take it out."),
                arguments(
                        line(
                                "\"custom_id\":\"a\\ud800b\",\"url\":\"/v1/chat/completions\",",
                                chat("")),
                        NONE,
                        1,
                        "the id holds a control character or half a character. Take it out."),
                arguments(
                        line(
                                "\"custom_id\":\""
                                        + "i".repeat(1001)
                                        + "\",\"url\":\"/v1/chat/completions\",",
                                chat("")),
                        NONE,
                        1,
                        "the id is longer than 1,000 bytes. Choose a shorter one."),
                arguments(
                        line(POST_CHAT, chat(""))
                                + "\n{\"prompt\":\"b\",\"custom_id\":\"c\"}\n"
                                + line(POST_CHAT, chat("")),
                        M,
                        3,
                        "its id is the same as that of line 1. Make ids differ, or remove them:"
                                + " then they are made from the content."),
                arguments(
                        line(POST_CHAT, chat("")),
                        NONE.withPrompt("{{x}}"),
                        1,
                        "this is a batch line with its own body, and --prompt is for rows. Leave"
                                + " --prompt out."),
                arguments(
                        line(POST_CHAT, chat("")),
                        NONE.withSystem("s"),
                        1,
                        "this is a request with its own body, and --system is for rows. Leave"
                                + " --system out."),
                // Bare bodies and rows
                arguments(
                        "{\"model\":\"m\",\"input\":\"x\"}",
                        NONE,
                        1,
                        "it has an `input`, which may be for /v1/responses, /v1/embeddings or"
                                + " /v1/moderations. Say which with --endpoint."),
                arguments(
                        "{\"model\":\"m\",\"prompt\":\"x\",\"max_tokens\":5}",
                        NONE,
                        1,
                        "it has a `prompt` and parameters: a request for /v1/completions, or a row?"
                            + " Say `--endpoint /v1/completions` to send it as it is, or `--prompt"
                            + " '{{prompt}}'` to use nothing but its prompt."),
                arguments(
                        chat(",\"stream\":true"),
                        NONE,
                        1,
                        "`stream` is true, and a job has nobody to stream to. Remove `stream`."),
                arguments(
                        "{\"messages\":[{}]}",
                        NONE,
                        1,
                        "it names no model. Add `model`, or give one with -m."),
                arguments(
                        chat(""),
                        NONE.withEndpoint(Endpoint.RESPONSES),
                        1,
                        "a request for /v1/responses needs `input` or `prompt` or"
                            + " `previous_response_id` or `conversation`, which this one lacks."),
                arguments(
                        "{\"question\":\"x\",\"answer\":1}",
                        M,
                        1,
                        "it is neither a request nor a row with a `prompt`: it has `question`,"
                                + " `answer`. Say with --prompt how a prompt is made of it, as in"
                                + " --prompt '... {{question}}'."),
                arguments(
                        "{}",
                        M,
                        1,
                        "it is neither a request nor a row with a `prompt`: it has no fields. Say"
                                + " with --prompt how a prompt is made of it, as in --prompt '..."
                                + " {{column}}'."),
                arguments(
                        "{\"text\":\"a\"}\n{\"txt\":\"b\"}",
                        M.withPrompt("{{text}}"),
                        2,
                        "it has no `text`, which --prompt names. Did you mean `txt`? It has"
                                + " `txt`."),
                arguments(
                        "{\"text\":\"a\"}",
                        M.withPrompt("x").withSystem("{{rule}}"),
                        1,
                        "it has no `rule`, which --system names. It has `text`."),
                arguments(
                        "{\"prompt\":\"a\"}",
                        M.withIdColumn("id"),
                        1,
                        "it has no `id`, which --id-column names. It has `prompt`."),
                arguments(
                        "{\"prompt\":\"a\",\"id\":1.5}",
                        M.withIdColumn("id"),
                        1,
                        "`id` is neither text nor a whole number."),
                arguments(
                        "{\"prompt\":\" \\n\"}",
                        M,
                        1,
                        "the prompt that this row makes is empty. Fill it in, or take the row"
                                + " out."),
                arguments(
                        "{\"prompt\":null}",
                        M,
                        1,
                        "the prompt that this row makes is empty. Fill it in, or take the row"
                                + " out."),
                arguments(
                        "{\"prompt\":\"a\"}",
                        NONE,
                        1,
                        "it names no model. Add `model`, or give one with -m."));
    }

    @ParameterizedTest
    @MethodSource("badLines")
    void a_bad_line_is_one_problem_with_its_place_and_remedy(
            String content, RequestOptions options, int line, String problem) {
        LoadReport report = Loading.of(directory, "in.jsonl", content, options).report();

        assertThat(report.problems())
                .containsExactly(
                        new Problem(directory.resolve("in.jsonl").toString(), line, problem));
        assertThat(report.valid()).isFalse();
    }

    static Stream<Arguments> badRecords() {
        return Stream.of(
                arguments(
                        "prompt,b\nx\n",
                        M,
                        2,
                        "the row has 1 fields, the header has 2. Put fields that hold delimiters or"
                                + " line ends in quotes."),
                arguments(
                        "prompt,b\nx,\"1\n2\"\nx,y,z\n",
                        M,
                        4,
                        "the row has 3 fields, the header has 2. Put fields that hold delimiters or"
                                + " line ends in quotes."),
                arguments(
                        "prompt\n\"a\"b\nfine\n",
                        M,
                        2,
                        "field 1 goes on after its closing quote. Write a quote within a quoted"
                                + " field twice."),
                arguments(
                        "prompt\nfine\n\"a\nb\n",
                        M,
                        3,
                        "a quoted field in the record that starts here is never closed. Close it"
                                + " with `\"`; a quote within a quoted field is written twice."),
                arguments(
                        "prompt,b\n\" \n\",x\n",
                        M,
                        2,
                        "the prompt that this row makes is empty. Fill it in, or take the row"
                                + " out."),
                arguments(
                        "prompt,model\na,unknown-2\nb,m2\n",
                        NONE,
                        2,
                        "model `unknown-2` belongs to no known provider. Name one with -p."),
                arguments(
                        "prompt,model\na,\n",
                        NONE,
                        2,
                        "it names no model. Add `model`, or give one with -m."),
                arguments(
                        "prompt,model,custom_id\na,m,\n",
                        NONE,
                        2,
                        "the id is empty. Give every request one, or none at all: then they are"
                                + " made from the content."),
                arguments(
                        "prompt,model,custom_id\na,m,1\n\nb,m,1\n",
                        NONE,
                        4,
                        "its id is the same as that of line 2. Make ids differ, or remove them:"
                                + " then they are made from the content."));
    }

    @ParameterizedTest
    @MethodSource("badRecords")
    void a_bad_record_is_one_problem_with_its_place_and_remedy(
            String content, RequestOptions options, int line, String problem) {
        LoadReport report = Loading.of(directory, "in.csv", content, options).report();

        assertThat(report.problems())
                .containsExactly(
                        new Problem(directory.resolve("in.csv").toString(), line, problem));
    }

    @ParameterizedTest
    @MethodSource("notUtf8")
    void a_byte_that_is_not_utf8_is_shown_by_its_place(
            String name, byte[] content, int line, String problem) {
        LoadReport report = Loading.of(directory, name, content, M).report();

        assertThat(report.problems())
                .containsExactly(new Problem(directory.resolve(name).toString(), line, problem));
    }

    static Stream<Arguments> notUtf8() {
        byte[] latin1 =
                "{\"prompt\":\"ok\"}\n{\"prompt\":\"ä\"}\n".getBytes(StandardCharsets.ISO_8859_1);
        byte[] table = "prompt\nok\ncaf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
        return Stream.of(
                arguments(
                        "in.jsonl",
                        latin1,
                        2,
                        "byte 12 of the line (28 of the file) is not UTF-8. Save the file as"
                                + " UTF-8."),
                arguments(
                        "in.csv",
                        table,
                        3,
                        "byte 14 of the file is not UTF-8. Save the file as UTF-8."));
    }

    @Test
    void twenty_problems_are_shown_and_the_rest_is_counted() {
        var content = new StringBuilder();
        IntStream.range(0, 50).forEach(i -> content.append("{\"prompt\":\"ok\"}\nbad\n"));
        Loading loaded = Loading.of(directory, "in.jsonl", content.toString(), M);

        assertThat(loaded.report().problems()).hasSize(20);
        assertThat(loaded.report().problemCount()).isEqualTo(50);
        assertThat(loaded.report().problemText().lines().toList())
                .hasSize(22)
                .startsWith(
                        directory.resolve("in.jsonl") + ":2: the line is not JSON: see column 1.")
                .endsWith("... and 30 more problems.", "Nothing was sent.");
        assertThat(loaded.items()).as("passed on before the first problem").hasSize(1);
    }

    @Test
    void a_refused_model_is_said_once_with_its_count() {
        Loading loaded =
                Loading.of(
                        directory,
                        "in.jsonl",
                        "{\"prompt\":\"x\",\"model\":\"unknown\"}\n".repeat(30),
                        NONE);

        assertThat(loaded.report().problems())
                .extracting(Problem::text)
                .containsExactly(
                        "model `unknown` belongs to no known provider. Name one with -p. (the same"
                                + " in 29 more requests)");
    }

    @Test
    void a_column_of_data_called_model_is_recognised_by_its_many_values() {
        var content = new StringBuilder("prompt,model\n");
        IntStream.range(0, 1500).forEach(i -> content.append("p,phone ").append(i).append('\n'));
        LoadReport report = Loading.of(directory, "in.csv", content.toString(), NONE).report();

        assertThat(report.problems())
                .containsExactly(
                        new Problem(
                                directory.resolve("in.csv").toString(),
                                1002,
                                "more than 1,000 different models up to here. Is `model` really the"
                                        + " name of a model? `-m MODEL` takes its place in rows."));
    }

    @Test
    void a_line_beyond_the_limit_is_refused_and_the_next_one_read() {
        String tooLong = "{\"prompt\":\"" + "x".repeat(64 << 20) + "\"}\n{\"prompt\":\"ok\"}\n";
        LoadReport report = Loading.of(directory, "in.jsonl", tooLong, M).report();

        assertThat(report.problems())
                .extracting(Problem::line, Problem::text)
                .containsExactly(
                        tuple(
                                1L,
                                "the line is longer than 64 MB. Send large content by reference"
                                        + " instead."));
        assertThat(report.items()).isEqualTo(1);
    }

    @Test
    void no_message_quotes_the_content() {
        List<String> lines =
                List.of("secret-prompt", "{\"secret-prompt\" 1}", "{\"a\": secret-prompt}");
        LoadReport report = Loading.of(directory, "in.jsonl", String.join("\n", lines), M).report();

        assertThat(report.problemCount()).isEqualTo(3);
        assertThat(report.problemText()).doesNotContain("secret");
    }
}
