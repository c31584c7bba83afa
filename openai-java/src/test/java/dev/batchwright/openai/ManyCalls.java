package dev.batchwright.openai;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorEvent;
import dev.batchwright.collect.CollectorOptions;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program that makes many calls at once through the official SDK, a virtual thread each, and
 * checks each answer: for {@code campaign/transparent.py}, which kills it and starts it again.
 * Arguments: base URL, store, how many calls, how many a batch. Prints what it came to as one line
 * of JSON.
 */
final class ManyCalls {
    private static final String KEY = "sk-many";

    private ManyCalls() {}

    public static void main(String[] arguments) throws InterruptedException {
        String baseUrl = arguments[0];
        int calls = Integer.parseInt(arguments[2]);
        var batches = new AtomicInteger();
        var right = new AtomicInteger();
        var wrong = new AtomicInteger();
        var over = new CountDownLatch(calls);
        long began = System.nanoTime();
        CollectorOptions options =
                CollectorOptions.builder()
                        .provider("openai")
                        .baseUrl(baseUrl)
                        .store(arguments[1])
                        .batchSize(Integer.parseInt(arguments[3]))
                        .pollInterval(Duration.ofSeconds(2))
                        .listener(
                                event -> {
                                    if (event instanceof CollectorEvent.BatchSubmitted) {
                                        batches.incrementAndGet();
                                    }
                                })
                        .build();
        OpenAIClient direct =
                OpenAIOkHttpClient.builder().baseUrl(baseUrl).apiKey(KEY).maxRetries(0).build();
        try (Collector collector = Collector.open(options, Map.of("OPENAI_API_KEY", KEY))) {
            OpenAIClient client = BatchingTransport.wrap(direct, collector);
            for (int i = 0; i < calls; i++) {
                String prompt = "question " + i;
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        (ask(client, prompt) ? right : wrong).incrementAndGet();
                                    } catch (RuntimeException e) {
                                        // Counted; the first few are told.
                                        if (wrong.incrementAndGet() <= 3) {
                                            System.err.println(e);
                                        }
                                    } finally {
                                        over.countDown();
                                    }
                                });
            }
            over.await();
        }
        direct.close();
        System.out.printf(
                "{\"right\":%d,\"wrong\":%d,\"batches\":%d,\"seconds\":%.1f}%n",
                right.get(), wrong.get(), batches.get(), (System.nanoTime() - began) / 1e9);
    }

    private static boolean ask(OpenAIClient client, String prompt) {
        var completion =
                client.chat()
                        .completions()
                        .create(
                                ChatCompletionCreateParams.builder()
                                        .model("gpt-4o-mini")
                                        .addUserMessage(prompt)
                                        .build());
        return completion
                .choices()
                .getFirst()
                .message()
                .content()
                .filter(("echo: " + prompt)::equals)
                .isPresent();
    }
}
