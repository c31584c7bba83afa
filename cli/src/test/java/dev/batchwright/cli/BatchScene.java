package dev.batchwright.cli;

import dev.batchwright.simulator.CallListener;
import dev.batchwright.simulator.Provider;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A user with an input file and a key, and a provider whose batches take a blink. */
final class BatchScene implements AutoCloseable {
    private static final double SECONDS_IN_A_SECOND = 20;
    private static final long PATIENCE_SECONDS = 30;

    private final String provider;
    private final User user;
    private final Simulator server;

    BatchScene(
            Path directory,
            String provider,
            int items,
            int letters,
            UnaryOperator<SimulatorOptions.Builder> setting) {
        this.provider = provider;
        this.server =
                Simulator.start(
                        setting.apply(
                                        SimulatorOptions.builder()
                                                .provider(Provider.parse(provider))
                                                .eventLoops(1)
                                                .timeScale(SECONDS_IN_A_SECOND))
                                .build());
        this.user =
                new User(directory)
                        .sets(keyVariable(), "right-key")
                        .writes("rows.jsonl", rows(items, letters))
                        .writes(
                                "batchwright.yaml",
                                "providers:\n  %s: {batch_lag: 600ms, base_url: \"%s\"}\n"
                                        .formatted(provider, server.baseUrl()));
    }

    static String rows(int items, int letters) {
        String text = "x".repeat(letters);
        return IntStream.range(0, items)
                .mapToObj(i -> "{\"prompt\": \"question %d %s\"}\n".formatted(i, text))
                .collect(Collectors.joining());
    }

    User user() {
        return user;
    }

    Simulator server() {
        return server;
    }

    String provider() {
        return provider;
    }

    String keyVariable() {
        return provider.equals("azure")
                ? "AZURE_OPENAI_API_KEY"
                : provider.toUpperCase(Locale.ROOT) + "_API_KEY";
    }

    /** One that the provider has batches of, by its usual name. */
    static String model(String provider) {
        return switch (provider) {
            case "anthropic" -> "claude-haiku-4-5";
            case "gemini" -> "gemini-2.5-flash";
            case "mistral" -> "mistral-small-latest";
            case "groq" -> "llama-3.1-8b-instant";
            case "xai" -> "grok-4";
            default -> "gpt-4o-mini";
        };
    }

    /** The command that everybody types. */
    User.Answer run(String... more) {
        var command = new ArrayList<>(List.of("run", "rows.jsonl", "-o", "out.jsonl"));
        command.addAll(List.of("-p", provider, "-m", model(provider)));
        command.addAll(List.of("--base-url", server.baseUrl(), "--poll-interval", "20ms"));
        if (!List.of(more).contains("--mode")) {
            command.addAll(List.of("--mode", "batch"));
        }
        command.addAll(List.of(more));
        return user.types(command.toArray(String[]::new));
    }

    /** The same, in a process of its own, so to say. */
    CompletableFuture<User.Answer> starts(String... more) {
        return CompletableFuture.supplyAsync(
                () -> run(more), task -> Thread.ofPlatform().daemon().start(task));
    }

    /** To be awaited: the provider has worked off so many of these calls from now. */
    CountDownLatch calls(int times, String method, String path) {
        var seen = new CountDownLatch(times);
        server.onCall(
                new CallListener() {
                    @Override
                    public void before(String calledMethod, String calledPath) {}

                    @Override
                    public void answered(String calledMethod, String calledPath) {
                        if (calledMethod.equals(method) && calledPath.contains(path)) {
                            seen.countDown();
                        }
                    }
                });
        return seen;
    }

    /** To be awaited: the provider was told to end a batch, which some can only delete. */
    CountDownLatch cancelled() {
        return provider.equals("fireworks")
                ? calls(1, "DELETE", "batchInferenceJobs")
                : calls(1, "POST", "cancel");
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("It was waited for in vain.");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
