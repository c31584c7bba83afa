package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

class PromptFileTest {
    @TempDir Path directory;

    private static String lines(String prompts, PromptFile.Kind kind) throws IOException {
        var out = new ByteArrayOutputStream();
        PromptFile.toBatchLines(
                new ByteArrayInputStream(prompts.getBytes(UTF_8)), "prompts.txt", out, "m", kind);
        return out.toString(UTF_8);
    }

    static Stream<Arguments> kinds() {
        return Stream.of(
                arguments(
                        new PromptFile.Kind.Chat(Optional.empty()),
                        "/v1/chat/completions",
                        "\"messages\":[{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\"}]"),
                arguments(
                        new PromptFile.Kind.Chat(Optional.of("s\"")),
                        "/v1/chat/completions",
                        "\"messages\":[{\"role\":\"system\",\"content\":\"s\\\"\"},{\"role\":\"user\",\"content\":\"say"
                            + " \\\"hi\\\"\"}]"),
                arguments(
                        new PromptFile.Kind.Embedding(),
                        "/v1/embeddings",
                        "\"input\":\"say \\\"hi\\\"\""),
                arguments(
                        new PromptFile.Kind.Score("t"),
                        "/v1/score",
                        "\"text_1\":\"t\",\"text_2\":\"say \\\"hi\\\"\""),
                arguments(
                        new PromptFile.Kind.Rerank("q"),
                        "/v1/rerank",
                        "\"query\":\"q\",\"documents\":[\"say \\\"hi\\\"\"]"));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void each_prompt_becomes_a_batch_line_that_loads(
            PromptFile.Kind kind, String url, String members) throws IOException {
        String file = lines("\uFEFF\r\nsay \"hi\"\r\n\nmore\n", kind);

        assertThat(file.lines())
                .hasSize(2)
                .first()
                .isEqualTo(
                        "{\"custom_id\":\"line-2\",\"method\":\"POST\",\"url\":\"%s\",\"body\":{\"model\":\"m\",%s}}"
                                .formatted(url, members));
        var loaded = Loading.of(directory, "in.jsonl", file, RequestOptions.NONE);
        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.ids()).containsExactly("line-2", "line-4");
    }

    @Test
    void a_file_without_prompts_is_refused() {
        assertThatThrownBy(() -> lines(" \n\n", new PromptFile.Kind.Embedding()))
                .isInstanceOf(InputException.class)
                .hasMessage("prompts.txt holds no prompt: it is empty.");
    }

    @Test
    void example_prompts_are_the_same_for_the_same_seed_and_none_comes_twice() {
        var prompts = ExamplePrompts.of(20_000, 1).toList();

        assertThat(prompts).hasSize(20_000).doesNotHaveDuplicates();
        assertThat(prompts).isEqualTo(ExamplePrompts.of(20_000, 1).toList());
        assertThat(prompts.subList(0, 1000)).isNotEqualTo(ExamplePrompts.of(1000, 2).toList());
    }
}
