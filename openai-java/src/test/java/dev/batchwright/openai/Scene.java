package dev.batchwright.openai;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorEvent;
import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A program with the official SDK, and a provider whose batches take a blink. */
final class Scene implements AutoCloseable {
    private static final double SECONDS_IN_A_SECOND = 50;

    final Simulator server;
    final List<CollectorEvent> events = new CopyOnWriteArrayList<>();
    private final List<Collector> collectors = new CopyOnWriteArrayList<>();
    private final Path store;
    private final OpenAIClient direct;

    Scene(Path directory, UnaryOperator<SimulatorOptions.Builder> setting) {
        this.store = directory.resolve("store.db");
        this.server =
                Simulator.start(
                        setting.apply(
                                        SimulatorOptions.builder()
                                                .key("sk-test")
                                                .eventLoops(1)
                                                .timeScale(SECONDS_IN_A_SECOND))
                                .build());
        this.direct =
                OpenAIOkHttpClient.builder()
                        .baseUrl(server.baseUrl())
                        .apiKey("sk-test")
                        .maxRetries(0)
                        .build();
    }

    /** Starts a program, so to say. */
    OpenAIClient program(UnaryOperator<CollectorOptions.Builder> setting) {
        CollectorOptions options =
                setting.apply(
                                CollectorOptions.builder()
                                        .baseUrl(server.baseUrl())
                                        .provider("openai")
                                        .store(store.toString())
                                        .batchWindow(Duration.ofMillis(100))
                                        .pollInterval(Duration.ofMillis(20))
                                        .listener(events::add))
                        .build();
        Collector collector = Collector.open(options, Map.of("OPENAI_API_KEY", "sk-test"));
        collectors.add(collector);
        return BatchingTransport.wrap(direct, collector);
    }

    /** Ends the programs that run. */
    void end() {
        collectors.forEach(Collector::close);
        collectors.clear();
    }

    Collector collector() {
        return collectors.getLast();
    }

    static ChatCompletionCreateParams chat(String prompt) {
        return ChatCompletionCreateParams.builder()
                .model("gpt-4o-mini")
                .addUserMessage(prompt)
                .build();
    }

    static String text(ChatCompletion completion) {
        return completion.choices().getFirst().message().content().orElseThrow();
    }

    @Override
    public void close() {
        end();
        direct.close();
        server.close();
    }
}
