package dev.batchwright.examples;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.openai.BatchingTransport;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Code that knows nothing of Batchwright but one line: OpenAI's own client, under which calls that
 * are made at once travel in one batch. Started again, it has its answers from the store.
 */
public final class AskThroughTheSdk {
    private static final List<String> QUESTIONS =
            List.of("Why is the sky blue?", "Why is the sea salt?", "Why is ice slippery?");

    private AskThroughTheSdk() {}

    public static void main(String[] args) throws Exception {
        CollectorOptions options =
                CollectorOptions.builder().batchWindow(Duration.ofSeconds(1)).build();
        OpenAIClient client = BatchingTransport.wrap(OpenAIOkHttpClient.fromEnv(), options);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers =
                    QUESTIONS.stream()
                            .map(question -> threads.submit(() -> ask(client, question)))
                            .toList();
            for (Future<String> answer : answers) {
                System.out.println(answer.get());
            }
        } finally {
            client.close();
        }
    }

    private static String ask(OpenAIClient client, String question) {
        var call =
                ChatCompletionCreateParams.builder()
                        .model("gpt-4o-mini")
                        .addUserMessage(question)
                        .build();
        return client.chat()
                .completions()
                .create(call)
                .choices()
                .getFirst()
                .message()
                .content()
                .orElse("(nothing)");
    }
}
