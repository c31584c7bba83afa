package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.RequestHash;
import dev.batchwright.simulator.wire.Work;

import tools.jackson.core.JsonGenerator;

import java.util.List;

/** The list of models, or one of them. */
record Models(Profile profile, String one) implements Endpoint {
    private static final List<String> USUAL =
            List.of("gpt-4o", "gpt-4o-mini", "gpt-5", "gpt-5-mini", "text-embedding-3-small");

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
        if (!one.isEmpty() && !profile.knows(one)) {
            return new Intake.Refused(Checks.unknownModel(one));
        }
        byte[] body = Json.write(one.isEmpty() ? this::list : json -> model(json, one));
        return new Intake.Ready(new Listing(new Answer(Profile.json(hash, body), 0, 0)));
    }

    private void list(JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("object", "list");
        json.writeArrayPropertyStart("data");
        for (String model : profile.models().isEmpty() ? USUAL : profile.models()) {
            model(json, model);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void model(JsonGenerator json, String model) {
        json.writeStartObject();
        json.writeStringProperty("id", model);
        json.writeStringProperty("object", "model");
        json.writeNumberProperty("created", Profile.created(RequestHash.of(model)));
        json.writeStringProperty("owned_by", "simulator");
        json.writeEndObject();
    }

    private record Listing(Answer run) implements Work {
        @Override
        public String model() {
            return "";
        }

        @Override
        public long promptTokens() {
            return 0;
        }

        @Override
        public long maxOutputTokens() {
            return 0;
        }
    }
}
