package dev.batchwright.simulator.fireworks;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.openai.Dialect;
import dev.batchwright.simulator.openai.OpenAiWire;
import dev.batchwright.simulator.openai.Profile;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.Wire;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonGenerator;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** The wire of Fireworks: models answer under {@code /inference}, the rest is of an account. */
public final class FireworksWire implements Wire {
    private static final String INFERENCE = "/inference";
    private static final String ACCOUNTS = "/v1/accounts";
    private static final String ACCOUNT = "simulator";

    private final OpenAiWire live;
    private final Datasets datasets;
    private final Jobs jobs;

    public FireworksWire(Profile profile, BatchEngine engine) {
        this.live = new OpenAiWire(profile, INFERENCE, Dialect.OPENAI, engine);
        this.datasets = new Datasets(engine);
        this.jobs =
                new Jobs(
                        profile,
                        engine,
                        datasets,
                        Objects.requireNonNull(live.endpoint("/v1/chat/completions")));
    }

    @Override
    public @Nullable Endpoint endpoint(String path) {
        return live.endpoint(path);
    }

    @Override
    public String key(Arrival arrival) {
        return live.key(arrival);
    }

    @Override
    public Reply refusal(Refusal refusal, Optional<Duration> wait) {
        return refusal.reason() == Reason.BAD_KEY
                ? FireworksError.wrongKey()
                : live.refusal(refusal, wait);
    }

    @Override
    public Refusal wrongKey(String key) {
        return live.wrongKey(key);
    }

    @Override
    public BatchRoutes batches() {
        return this::route;
    }

    private Optional<BatchRoute> route(String method, String path) {
        if (method.equals("GET") && path.equals(ACCOUNTS)) {
            return Optional.of(new BatchRoute(BatchRoute.Kind.FILE, (head, body) -> accounts()));
        }
        String ours = ACCOUNTS + "/" + ACCOUNT;
        if (!path.startsWith(ours + "/")) {
            return Optional.empty();
        }
        String rest = path.substring(ours.length());
        return datasets.route(method, rest).or(() -> jobs.route(method, rest));
    }

    private static BatchReply accounts() {
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeArrayPropertyStart("accounts");
                            json.writeStartObject();
                            json.writeStringProperty("name", "accounts/" + ACCOUNT);
                            json.writeEndObject();
                            json.writeEndArray();
                            json.writeStringProperty("nextPageToken", "");
                            json.writeNumberProperty("totalSize", 1);
                            json.writeEndObject();
                        }));
    }

    /** The whole name of something. */
    static String name(String kind, String id) {
        return "accounts/%s/%s/%s".formatted(ACCOUNT, kind, id);
    }

    /** The last part of a whole name. */
    static String id(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    static void status(JsonGenerator json, String code, String message) {
        json.writeObjectPropertyStart("status");
        json.writeStringProperty("code", code);
        json.writeStringProperty("message", message);
        json.writeEndObject();
    }

    static void nothing(JsonGenerator json) {
        json.writeStartObject();
        json.writeEndObject();
    }
}
