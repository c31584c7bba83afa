package dev.batchwright.examples;

import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.langchain4j.BatchingChatModel;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A model of LangChain4j whose calls, made at once, travel in one batch: give it to whatever takes
 * a {@code ChatModel}.
 */
public final class AskThroughLangChain4j {
    private static final List<String> QUESTIONS =
            List.of("Why is the sky blue?", "Why is the sea salt?", "Why is ice slippery?");

    private AskThroughLangChain4j() {}

    public static void main(String[] args) throws Exception {
        CollectorOptions options =
                CollectorOptions.builder().batchWindow(Duration.ofSeconds(1)).build();
        try (var model =
                        BatchingChatModel.builder()
                                .modelName("gpt-4o-mini")
                                .options(options)
                                .build();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers =
                    QUESTIONS.stream()
                            .map(question -> threads.submit(() -> model.chat(question)))
                            .toList();
            for (Future<String> answer : answers) {
                System.out.println(answer.get());
            }
        }
    }
}
