package dev.batchwright.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

import dev.batchwright.collect.CollectorOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The code of the guide is the code below, which is compiled; its calls are made. */
@Timeout(60)
class GuideTest {
    private static final Pattern BLOCK = Pattern.compile("(?s)```java\n(.*?)```");

    @TempDir Path directory;

    interface Log {
        void info(String line);
    }

    static OpenAIClient one_line() {
        OpenAIClient client = BatchingTransport.wrap(OpenAIOkHttpClient.fromEnv());
        return client;
    }

    static OpenAIClient options(Log log) {
        CollectorOptions options =
                CollectorOptions.builder()
                        .batchWindow(Duration.ofSeconds(30))
                        .batchSize(5_000)
                        .metadata("team", "search")
                        .listener(event -> log.info(event.toJson()))
                        .build();
        OpenAIClient client = BatchingTransport.wrap(OpenAIOkHttpClient.fromEnv(), options);
        return client;
    }

    static ChatCompletion call(OpenAIClient client) {
        ChatCompletion completion =
                client.chat()
                        .completions()
                        .create(
                                ChatCompletionCreateParams.builder()
                                        .model("gpt-4o-mini")
                                        .addUserMessage("Why is the sky blue?")
                                        .build());
        return completion;
    }

    static ChatCompletionCreateParams patient() {
        return ChatCompletionCreateParams.builder()
                .model("gpt-4o-mini")
                .addUserMessage("Why is the sky blue?")
                .putAdditionalHeader("x-batchwright-deadline", "2h")
                .build();
    }

    @Test
    void its_calls_are_answered() {
        try (var scene = new Scene(directory, o -> o)) {
            OpenAIClient client = scene.program(o -> o);
            assertThat(Scene.text(call(client))).isEqualTo("echo: Why is the sky blue?");
            assertThat(client.chat().completions().create(patient()).choices()).hasSize(1);
        }
    }

    @Test
    void its_code_is_this_code() throws IOException {
        Path root = Path.of("..").toAbsolutePath().normalize();
        String page = Files.readString(root.resolve("docs/drop-in.md"));
        String here =
                Files.readString(
                        root.resolve(
                                "openai-java/src/test/java/dev/batchwright/openai/GuideTest.java"));
        List<String> blocks =
                BLOCK.matcher(page).results().map((MatchResult found) -> found.group(1)).toList();
        assertThat(blocks).hasSize(4);
        for (String block : blocks) {
            assertThat(joined(here)).contains(joined(block));
        }
    }

    private static String joined(String code) {
        return code.replaceAll("\\s+", " ").strip();
    }
}
