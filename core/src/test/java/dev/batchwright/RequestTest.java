package dev.batchwright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.batchwright.job.RawJson;
import dev.batchwright.schema.Dialect;
import dev.batchwright.schema.Schema;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

class RequestTest {
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final String PNG_URL = "data:image/png;base64,iVBORw0KGgo=";
    private static final URI ADDRESS = URI.create("https://example.org/a.jpg");

    @TempDir Path directory;

    record Verdict(boolean good) {}

    static Stream<Arguments> bodies() {
        RawJson tools = RawJson.of("[{\"type\":\"function\"}]");
        return Stream.of(
                arguments(
                        Request.chat().model("gpt-5-mini").system("Be brief.").user("Hi\n\"you\""),
                        "/v1/chat/completions",
                        "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"system\",\"content\":\"Be"
                            + " brief.\"},{\"role\":\"user\",\"content\":\"Hi\\n"
                            + "\\\"you\\\"\"}]}"),
                arguments(
                        Request.chat()
                                .developer("d")
                                .user("q")
                                .assistant("a")
                                .user("r")
                                .maxTokens(5)
                                .temperature(0.5)
                                .topP(0.9)
                                .seed(7)
                                .stop("x", "y")
                                .reasoningEffort("low")
                                .verbosity("high")
                                .frequencyPenalty(1)
                                .presencePenalty(-1)
                                .logprobs(3)
                                .tools(tools)
                                .toolChoice(RawJson.of("\"auto\""))
                                .with("user", "u1")
                                .with("store", false)
                                .with("metadata", Map.of("k", "v"))
                                .with("none", null),
                        "/v1/chat/completions",
                        "{\"max_completion_tokens\":5,\"temperature\":0.5,\"top_p\":0.9,\"seed\":7,\"stop\":[\"x\",\"y\"],\"reasoning_effort\":\"low\",\"verbosity\":\"high\",\"frequency_penalty\":1.0,\"presence_penalty\":-1.0,\"logprobs\":true,\"top_logprobs\":3,\"tools\":[{\"type\":\"function\"}],\"tool_choice\":\"auto\",\"user\":\"u1\",\"store\":false,\"metadata\":{\"k\":\"v\"},\"none\":null,\"messages\":[{\"role\":\"developer\",\"content\":\"d\"},{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"r\"}]}"),
                arguments(
                        Request.chat().user("q").image(Image.of(PNG)).image(ADDRESS),
                        "/v1/chat/completions",
                        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"q\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\""
                                + PNG_URL
                                + "\"}},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.org/a.jpg\"}}]}]}"),
                arguments(
                        Request.chat()
                                .image(ADDRESS)
                                .user("q")
                                .message(RawJson.of("{\"role\":\"tool\"}"))
                                .part(RawJson.of("{\"type\":\"file\"}")),
                        "/v1/chat/completions",
                        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.org/a.jpg\"}},{\"type\":\"text\",\"text\":\"q\"}]},{\"role\":\"tool\"},{\"role\":\"user\",\"content\":[{\"type\":\"file\"}]}]}"),
                arguments(
                        Request.responses()
                                .system("s")
                                .user("q")
                                .maxTokens(9)
                                .reasoningEffort("minimal")
                                .verbosity("low")
                                .store(false),
                        "/v1/responses",
                        "{\"instructions\":\"s\",\"max_output_tokens\":9,\"reasoning\":{\"effort\":\"minimal\"},\"text\":{\"verbosity\":\"low\"},\"store\":false,\"input\":\"q\"}"),
                arguments(
                        Request.responses()
                                .developer("d")
                                .user("q")
                                .image(Image.of(PNG))
                                .logprobs(2),
                        "/v1/responses",
                        "{\"include\":[\"message.output_text.logprobs\"],\"top_logprobs\":2,\"input\":[{\"role\":\"developer\",\"content\":\"d\"},{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"q\"},{\"type\":\"input_image\",\"image_url\":\""
                                + PNG_URL
                                + "\"}]}]}"),
                arguments(
                        Request.messages().model("claude-haiku-4-5").system("s").user("q"),
                        "/v1/messages",
                        "{\"model\":\"claude-haiku-4-5\",\"system\":\"s\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"max_tokens\":4096}"),
                arguments(
                        Request.messages()
                                .maxTokens(10)
                                .thinking(1024)
                                .stop("x")
                                .topK(3)
                                .reasoningEffort("low")
                                .image(Image.of(PNG))
                                .image(ADDRESS)
                                .user("q")
                                .assistant("{"),
                        "/v1/messages",
                        "{\"max_tokens\":10,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024},\"stop_sequences\":[\"x\"],\"top_k\":3,\"output_config\":{\"effort\":\"low\"},\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}},{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://example.org/a.jpg\"}},{\"type\":\"text\",\"text\":\"q\"}]},{\"role\":\"assistant\",\"content\":\"{\"}]}"),
                arguments(
                        Request.generateContent()
                                .model("gemini-2.5-flash")
                                .system("s")
                                .user("q")
                                .image(Image.of(PNG))
                                .image(ADDRESS)
                                .assistant("a")
                                .user("r")
                                .maxTokens(5)
                                .seed(1)
                                .config("topK", 4),
                        "/v1beta/models/{model}:generateContent",
                        "{\"systemInstruction\":{\"parts\":[{\"text\":\"s\"}]},\"generationConfig\":{\"maxOutputTokens\":5,\"seed\":1,\"topK\":4},\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"q\"},{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}},{\"fileData\":{\"mimeType\":\"image/jpeg\",\"fileUri\":\"https://example.org/a.jpg\"}}]},{\"role\":\"model\",\"parts\":[{\"text\":\"a\"}]},{\"role\":\"user\",\"parts\":[{\"text\":\"r\"}]}]}"),
                arguments(
                        Request.embeddings().model("e").input("t").dimensions(3),
                        "/v1/embeddings",
                        "{\"model\":\"e\",\"input\":\"t\",\"dimensions\":3}"),
                arguments(
                        Request.embeddings().input(List.of("t", "u")).encodingFormat("base64"),
                        "/v1/embeddings",
                        "{\"input\":[\"t\",\"u\"],\"encoding_format\":\"base64\"}"),
                arguments(
                        Request.completions().prompt("p").maxTokens(3).stop("\n").logprobs(2),
                        "/v1/completions",
                        "{\"prompt\":\"p\",\"max_tokens\":3,\"stop\":[\"\\n\"],\"logprobs\":2}"),
                arguments(Request.moderations().input("t"), "/v1/moderations", "{\"input\":\"t\"}"),
                arguments(
                        Request.json("/v1/rerank", "{\"query\":\"q\", \"documents\":[ 1 ]}")
                                .with("top_n", 3),
                        "/v1/rerank",
                        "{\"query\":\"q\",\"documents\":[ 1 ],\"top_n\":3}"));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void a_body_is_what_its_api_takes(Request request, String endpoint, String body) {
        assertThat(request.body()).hasToString(body);
        assertThat(request.endpoint()).isEqualTo(endpoint);
        assertThat(new JsonMapper().readTree(body).isObject()).isTrue();
    }

    @Test
    void a_request_is_a_value() {
        ChatRequest common = Request.chat().model("m").system("s");
        ChatRequest one = common.id("1").user("a");

        assertThat(common.user("a")).isNotEqualTo(one).isEqualTo(common.user("a"));
        assertThat(common.id("1").user("a")).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(common.body())
                .hasToString(
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"}]}");
        assertThat(one.id()).contains("1");
        assertThat(one.model()).contains("m");
        assertThat(one).hasToString("/v1/chat/completions 1");
    }

    static Stream<Arguments> formats() {
        Schema<Verdict> schema = Schema.of(Verdict.class);
        String openAi = schema.json(Dialect.OPENAI).toString();
        return Stream.of(
                arguments(
                        Request.chat().returning(schema),
                        "{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"Verdict\",\"strict\":true,\"schema\":"
                                + openAi
                                + "}}}"),
                arguments(
                        Request.responses().verbosity("low").returning(schema),
                        "{\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":\"json_schema\",\"name\":\"Verdict\",\"strict\":true,\"schema\":"
                                + openAi
                                + "}}}"),
                arguments(
                        Request.messages().maxTokens(1).reasoningEffort("low").returning(schema),
                        "{\"max_tokens\":1,\"output_config\":{\"effort\":\"low\",\"format\":{\"type\":\"json_schema\",\"schema\":"
                                + schema.json(Dialect.ANTHROPIC)
                                + "}}}"),
                arguments(
                        Request.generateContent().returning(schema).temperature(0),
                        "{\"generationConfig\":{\"responseMimeType\":\"application/json\",\"responseJsonSchema\":"
                                + schema.json(Dialect.GEMINI)
                                + ",\"temperature\":0.0}}"),
                arguments(
                        Request.json("/v1/chat/completions", "{\"n\":1}")
                                .returning(schema, Dialect.GEMINI),
                        "{\"n\":1,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"Verdict\",\"strict\":true,\"schema\":"
                                + schema.json(Dialect.GEMINI)
                                + "}}}"));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void a_schema_goes_where_the_api_wants_it(Request request, String body) {
        assertThat(request.body()).hasToString(body);
    }

    @Test
    void embeddings_have_no_schema() {
        assertThatThrownBy(() -> Request.embeddings().returning(Schema.of(Verdict.class)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/v1/embeddings gives no answers by a schema");
    }

    @Test
    void raw_requests_are_checked() {
        assertThatThrownBy(() -> Request.json("/v1/chat", "{}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/v1/chat");
        assertThatThrownBy(() -> Request.json("/v1/embeddings", "[]"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Request.chat().user("\ud83d"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_model_of_gemini_is_part_of_the_address() {
        Request request =
                Request.json("/v1beta/models/gemini-2.5-pro:generateContent", "{\"contents\":[]}");

        assertThat(request.model()).contains("gemini-2.5-pro");
        assertThat(request.line("1"))
                .hasToString(
                        "{\"custom_id\":\"1\",\"method\":\"POST\",\"url\":\"/v1beta/models/gemini-2.5-pro:generateContent\",\"body\":{\"contents\":[]}}");
    }

    @Test
    void lines_of_a_batch_are_written_with_ids_given_or_made_of_the_body() throws IOException {
        Path file = directory.resolve("batch.jsonl");
        Request hi = Request.chat().model("m").user("hi");
        Files.writeString(file, "old");

        long written =
                Request.toJsonl(
                        List.of(hi, hi.id("é\"1"), hi, Request.embeddings().input("t")), file);

        assertThat(written).isEqualTo(4);
        String body = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
        String chat =
                "\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":" + body + "}";
        List<String> lines = Files.readAllLines(file);
        String id = lines.getFirst().substring(14, 34);
        assertThat(id).matches("row-[0-9a-f]{16}");
        assertThat(lines.subList(0, 3))
                .containsExactly(
                        "{\"custom_id\":\"" + id + chat,
                        "{\"custom_id\":\"é\\\"1" + chat,
                        "{\"custom_id\":\"" + id + "-2" + chat);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void a_stream_is_written_line_by_line_and_closed() throws IOException {
        Path file = directory.resolve("many.jsonl");
        var closed = new boolean[1];
        Stream<Request> requests =
                Stream.iterate(1, it -> it + 1)
                        .limit(10_000)
                        .<Request>map(it -> Request.chat().id("" + it).user("q" + it))
                        .onClose(() -> closed[0] = true);

        assertThat(Request.toJsonl(requests, file)).isEqualTo(10_000);
        assertThat(closed[0]).isTrue();
        try (Stream<String> lines = Files.lines(file)) {
            assertThat(lines).hasSize(10_000);
        }
    }

    @Test
    void a_failure_leaves_the_old_file() throws IOException {
        Path file = directory.resolve("batch.jsonl");
        Files.writeString(file, "old");
        Stream<Request> requests = Stream.of("a", "\ud83d").map(it -> Request.chat().user(it));

        assertThatThrownBy(() -> Request.toJsonl(requests, file))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(file).hasContent("old");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
        assertThatThrownBy(() -> Request.toJsonl(List.of(), directory.resolve("none").resolve("a")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("can't be written");
    }

    static Stream<Arguments> pictures() {
        return Stream.of(
                arguments("89504e470d0a1a0a", "a", "image/png"),
                arguments("ffd8ffe0", "a.png", "image/jpeg"),
                arguments("474946383961", "a", "image/gif"),
                arguments("524946460000000057454250", "a", "image/webp"),
                arguments("000000186674797068656963", "a", "image/heic"),
                arguments("424d", "a", "image/bmp"),
                arguments("00", "a.JPG", "image/jpeg"),
                arguments("", "a.webp", "image/webp"));
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void a_picture_is_of_the_type_that_its_bytes_or_its_ending_tell(
            String hex, String name, String type) throws IOException {
        Path file = directory.resolve(name);
        Files.write(file, java.util.HexFormat.of().parseHex(hex));

        assertThat(Image.of(file).url()).startsWith("data:" + type + ";base64,");
        assertThat(Image.at(file.toUri()).mediaType()).isEqualTo(Optional.of(type));
    }

    @Test
    void what_is_no_picture_is_refused() throws IOException {
        Path file = directory.resolve("a.txt");
        Files.writeString(file, "text");

        assertThatThrownBy(() -> Image.of(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a.txt is no picture of a known type");
        assertThatThrownBy(() -> Image.of(new byte[3]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Image.at(URI.create("ftp://a/b.png")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Image.of(directory.resolve("none.png")))
                .isInstanceOf(UncheckedIOException.class);
    }
}
