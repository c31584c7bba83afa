package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The wire of OpenAI and of all that copy it, with and without {@code /v1} before the paths. */
public final class OpenAiWire implements Wire {
    private static final String MODEL = "/v1/models/";

    private final Profile profile;
    private final String prefix;
    private final BatchRoutes batches;
    private final Map<String, Endpoint> endpoints = new HashMap<>();

    /**
     * Speaks to an account.
     *
     * @param dialect of its batches
     * @param prefix what may stand before {@code /v1}, like {@code /openai}, or ""
     */
    public OpenAiWire(Profile profile, String prefix, Dialect dialect, BatchEngine engine) {
        this.profile = profile;
        this.prefix = prefix;
        this.batches = new BatchDesk(profile, dialect, engine, this);
        add("/v1/chat/completions", (body, hash) -> ChatRequest.read(body, hash, profile));
        add("/v1/responses", (body, hash) -> ResponseRequest.read(body, hash, profile));
        add("/v1/embeddings", (body, hash) -> Embeddings.read(body, hash, profile));
        add("/v1/completions", (body, hash) -> Completions.read(body, hash, profile));
        add("/v1/moderations", (body, hash) -> Moderations.read(body, hash, profile));
        add("/v1/score", (body, hash) -> Rankings.score(body, hash, profile));
        add("/v1/rerank", (body, hash) -> Rankings.rerank(body, hash, profile));
        add("/v1/images/generations", (body, hash) -> Images.read(body, hash, profile));
        add(
                new FormCall(
                        new JsonCall(
                                "/v1/images/edits",
                                (body, hash) -> Images.read(body, hash, profile))));
        add(new Models(profile, ""));
    }

    private void add(String path, JsonCall.Reader reader) {
        add(new JsonCall(path, reader));
    }

    private void add(Endpoint endpoint) {
        endpoints.put(endpoint.canonicalPath(), endpoint);
        endpoints.put(endpoint.canonicalPath().substring("/v1".length()), endpoint);
    }

    @Override
    public @Nullable Endpoint endpoint(String whole) {
        String path = unprefixed(whole);
        Endpoint endpoint = endpoints.get(path);
        if (endpoint != null) {
            return endpoint;
        }
        String versioned = path.startsWith("/v1/") ? path : "/v1" + path;
        return versioned.startsWith(MODEL) && versioned.length() > MODEL.length()
                ? new Models(profile, versioned.substring(MODEL.length()))
                : null;
    }

    @Override
    public String key(Arrival arrival) {
        String authorization = arrival.header("authorization");
        return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                ? authorization.substring(7).strip()
                : arrival.header("api-key").strip();
    }

    private String unprefixed(String path) {
        return path.startsWith(prefix) ? path.substring(prefix.length()) : path;
    }

    @Override
    public BatchRoutes batches() {
        return (method, path) -> batches.route(method, unprefixed(path));
    }

    @Override
    public Refusal wrongKey(String key) {
        return BadKey.refusal(key);
    }

    @Override
    public Reply refusal(Refusal refusal, Optional<Duration> wait) {
        return ErrorBody.of(refusal);
    }
}
