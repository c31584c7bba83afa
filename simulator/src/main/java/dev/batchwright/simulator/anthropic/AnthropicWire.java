package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.model.BrokenAnswers;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The wire of Anthropic. */
public final class AnthropicWire implements Wire {
    private static final String MODEL = "/v1/models/";

    private final Catalog catalog;
    private final BatchRoutes batches;
    private final Map<String, Endpoint> endpoints;

    /**
     * A wire for an account.
     *
     * @param models those that exist; empty: every name does
     * @param snapshots whether answers name the dated snapshot instead of the alias
     * @param broken which answers by a schema are broken
     * @param earlyCounts whether the requests of a batch are counted while it runs
     */
    public AnthropicWire(
            List<String> models,
            boolean snapshots,
            BrokenAnswers broken,
            boolean earlyCounts,
            BatchEngine engine) {
        this.catalog = new Catalog(List.copyOf(models), snapshots, broken);
        this.batches = new MessageBatches(catalog, engine, earlyCounts);
        this.endpoints =
                Map.of(
                        "/v1/messages",
                        new JsonCall(
                                "/v1/messages",
                                true,
                                (body, hash) ->
                                        MessageRequest.read(body, hash, catalog, Lane.LIVE)),
                        "/v1/messages/count_tokens",
                        new JsonCall(
                                "/v1/messages/count_tokens",
                                false,
                                (body, hash) -> TokenCount.read(body, hash, catalog)),
                        "/v1/models",
                        new Models(catalog, ""));
    }

    @Override
    public @Nullable Endpoint endpoint(String path) {
        Endpoint endpoint = endpoints.get(path);
        if (endpoint != null) {
            return endpoint;
        }
        return path.startsWith(MODEL) && path.length() > MODEL.length()
                ? new Models(catalog, path.substring(MODEL.length()))
                : null;
    }

    @Override
    public String key(Arrival arrival) {
        String key = arrival.header("x-api-key").strip();
        String authorization = arrival.header("authorization");
        return key.isEmpty() && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                ? authorization.substring(7).strip()
                : key;
    }

    @Override
    public BatchRoutes batches() {
        return batches;
    }

    @Override
    public Refusal wrongKey(String key) {
        return Refusal.of(
                Reason.BAD_KEY,
                401,
                key.isEmpty() ? "x-api-key header is required" : "invalid x-api-key");
    }

    @Override
    public Reply refusal(Refusal refusal, Optional<Duration> wait) {
        return ErrorBody.of(refusal);
    }
}
