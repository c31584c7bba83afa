package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/** The wire of OpenAI and of all that copy it, with and without {@code /v1} before the paths. */
public final class OpenAiWire implements Wire {
    private static final String MODEL = "/v1/models/";

    private final Profile profile;
    private final Map<String, Endpoint> endpoints = new HashMap<>();

    public OpenAiWire(Profile profile) {
        this.profile = profile;
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
    public @Nullable Endpoint endpoint(String path) {
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

    @Override
    public Reply refusal(Refusal refusal) {
        return ErrorBody.of(refusal);
    }
}
