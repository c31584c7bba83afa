package dev.batchwright.openai;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletion;

import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorEvent;
import dev.batchwright.collect.CollectorOptions;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program that makes many calls at once through the official SDK and checks each answer: for
 * {@code campaign/transparent.py}, which kills it and starts it again. Arguments: base URL, store,
 * how many calls, how many a batch, {@code async} or {@code threads}. Prints what it came to as one
 * line of JSON, also how many calls waited at the same time.
 */
final class ManyCalls {
    private static final String KEY = "sk-many";
    private static final long LOOK_MILLIS = 100;

    private ManyCalls() {}

    public static void main(String[] arguments) throws InterruptedException {
        String baseUrl = arguments[0];
        int calls = Integer.parseInt(arguments[2]);
        var batches = new AtomicInteger();
        var right = new AtomicInteger();
        var wrong = new AtomicInteger();
        var over = new CountDownLatch(calls);
        long mostWaiting = 0;
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
                CompletableFuture<ChatCompletion> answer =
                        arguments[4].equals("async")
                                ? client.async().chat().completions().create(Scene.chat(prompt))
                                : CompletableFuture.supplyAsync(
                                        () ->
                                                client.chat()
                                                        .completions()
                                                        .create(Scene.chat(prompt)),
                                        task -> Thread.ofVirtual().start(task));
                var unused =
                        answer.whenComplete(
                                (completion, problem) -> {
                                    (isRight(completion, prompt) ? right : wrong).incrementAndGet();
                                    over.countDown();
                                });
            }
            while (!over.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                mostWaiting = Math.max(mostWaiting, collector.waiting());
            }
        }
        direct.close();
        System.out.printf(
                "{\"right\":%d,\"wrong\":%d,\"batches\":%d,\"waited_at_once\":%d,\"seconds\":%.1f}%n",
                right.get(),
                wrong.get(),
                batches.get(),
                mostWaiting,
                (System.nanoTime() - began) / 1e9);
    }

    private static boolean isRight(@Nullable ChatCompletion completion, String prompt) {
        return completion != null && Scene.text(completion).equals("echo: " + prompt);
    }
}
