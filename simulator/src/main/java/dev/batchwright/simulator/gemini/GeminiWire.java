package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.model.BrokenAnswers;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The wire of the Gemini API, in its versions v1beta, v1alpha and v1. */
public final class GeminiWire implements Wire {
    private static final Pattern MODELS =
            Pattern.compile("/v1(?:beta|alpha)?/models(?:/([^/:]+)(?::([a-zA-Z]+))?)?");

    private final Catalog catalog;
    private final FileDesk files;
    private final BatchDesk batches;

    /**
     * A wire for an account.
     *
     * @param models those that exist, without {@code models/}; empty: every name does
     * @param snapshots whether answers name the numbered version instead of the model
     * @param broken which answers by a schema are broken
     * @param inlineMetadata whether results of inline requests come with their metadata
     */
    public GeminiWire(
            List<String> models,
            boolean snapshots,
            BrokenAnswers broken,
            boolean inlineMetadata,
            BatchEngine engine) {
        this.catalog = new Catalog(List.copyOf(models), snapshots, broken);
        this.files = new FileDesk(engine);
        this.batches = new BatchDesk(catalog, engine, inlineMetadata);
    }

    @Override
    public @Nullable Endpoint endpoint(String path) {
        Matcher models = MODELS.matcher(decoded(path));
        if (!models.matches()) {
            return null;
        }
        String model = models.group(1) == null ? "" : models.group(1);
        return models.group(2) == null
                ? new Models(catalog, model)
                : method(model, models.group(2));
    }

    private @Nullable Endpoint method(String model, String method) {
        String path = "/v1beta/models/" + model + ":" + method;
        return switch (method) {
            case "generateContent" ->
                    new ModelCall(
                            path,
                            true,
                            "GenerateContentRequest",
                            (request, arrival, hash) ->
                                    GenerateRequest.read(
                                            model,
                                            request,
                                            hash,
                                            catalog,
                                            GenerateRequest.Delivery.WHOLE));
            case "streamGenerateContent" ->
                    new ModelCall(
                            path,
                            true,
                            "GenerateContentRequest",
                            (request, arrival, hash) ->
                                    GenerateRequest.read(
                                            model, request, hash, catalog, streamed(arrival)));
            case "embedContent" ->
                    new ModelCall(
                            path,
                            true,
                            "EmbedContentRequest",
                            (request, arrival, hash) -> EmbedRequest.one(model, request, catalog));
            case "batchEmbedContents" ->
                    new ModelCall(
                            path,
                            true,
                            "BatchEmbedContentsRequest",
                            (request, arrival, hash) ->
                                    EmbedRequest.several(model, request, catalog));
            case "countTokens" ->
                    new ModelCall(
                            path,
                            false,
                            "CountTokensRequest",
                            (request, arrival, hash) -> TokenCount.read(model, request, catalog));
            default -> null;
        };
    }

    private static GenerateRequest.Delivery streamed(Arrival arrival) {
        return arrival.parameter("alt").equals("sse")
                ? GenerateRequest.Delivery.EVENTS
                : GenerateRequest.Delivery.ARRAY;
    }

    private static String decoded(String path) {
        return path.indexOf('%') < 0
                ? path
                : URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String key(Arrival arrival) {
        String key = arrival.header("x-goog-api-key").strip();
        if (!key.isEmpty()) {
            return key;
        }
        // The address of an upload is a credential by itself.
        return files.keyOf(arrival).orElseGet(() -> arrival.parameter("key"));
    }

    @Override
    public BatchRoutes batches() {
        return (method, path) -> {
            Optional<BatchRoute> file = files.route(method, decoded(path));
            return file.isPresent() ? file : batches.route(method, decoded(path));
        };
    }

    @Override
    public Refusal wrongKey(String key) {
        return key.isEmpty()
                ? Refusal.of(
                        Reason.BAD_KEY,
                        403,
                        "Method doesn't allow unregistered callers (callers without established"
                                + " identity). Please use API Key or other form of API consumer"
                                + " identity to call this API.")
                : Refusal.of(
                        Reason.BAD_KEY, 400, "API key not valid. Please pass a valid API key.");
    }

    @Override
    public Reply refusal(Refusal refusal, Optional<Duration> wait) {
        return StatusBody.of(refusal, wait);
    }
}
