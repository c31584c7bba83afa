package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Prepared;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.core.JsonGenerator;

import java.util.List;
import java.util.Optional;

/**
 * The list of models, or one of them.
 *
 * @param one its name, or "" for the list
 */
record Models(Catalog catalog, String one) implements Endpoint {
    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String canonicalPath() {
        return one.isEmpty() ? "/v1/models" : "/v1/models/" + one;
    }

    @Override
    public boolean metered() {
        return false;
    }

    @Override
    public Intake read(Arrival arrival, RequestHash hash) {
        Optional<Refusal> unversioned = VersionHeader.problem(arrival);
        if (unversioned.isPresent()) {
            return new Intake.Refused(unversioned.get());
        }
        if (!one.isEmpty() && !catalog.knows(one)) {
            return new Intake.Refused(RequestChecks.unknownModel(one));
        }
        byte[] body = Json.write(one.isEmpty() ? this::list : json -> model(json, one));
        return Prepared.free(Reply.json(200, body).with(MessageRequest.headers(hash)));
    }

    private void list(JsonGenerator json) {
        List<String> models = catalog.shown();
        json.writeStartObject();
        json.writeArrayPropertyStart("data");
        models.forEach(model -> model(json, model));
        json.writeEndArray();
        json.writeBooleanProperty("has_more", false);
        json.writeStringProperty("first_id", models.getFirst());
        json.writeStringProperty("last_id", models.getLast());
        json.writeEndObject();
    }

    private static void model(JsonGenerator json, String model) {
        json.writeStartObject();
        json.writeStringProperty("type", "model");
        json.writeStringProperty("id", model);
        json.writeStringProperty("display_name", model);
        json.writeStringProperty("created_at", "2026-01-01T00:00:00Z");
        json.writeEndObject();
    }
}
