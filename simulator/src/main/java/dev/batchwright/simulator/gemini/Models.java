package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Prepared;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.core.JsonGenerator;

import java.util.List;

/**
 * The list of models, or one of them.
 *
 * @param one its name, or "" for the list
 */
record Models(Catalog catalog, String one) implements Endpoint {
    private static final int LONGEST_INPUT = 1_048_576;
    private static final int LONGEST_OUTPUT = 65_536;

    @Override
    public String method() {
        return "GET";
    }

    @Override
    public String canonicalPath() {
        return one.isEmpty() ? "/v1beta/models" : "/v1beta/models/" + one;
    }

    @Override
    public boolean metered() {
        return false;
    }

    @Override
    public Intake read(Arrival arrival, RequestHash hash) {
        if (!one.isEmpty() && !catalog.knows(one)) {
            return new Intake.Refused(Catalog.unknown(one, "getModel"));
        }
        return Prepared.free(
                Reply.json(200, Json.write(one.isEmpty() ? this::list : json -> model(json, one))));
    }

    private void list(JsonGenerator json) {
        json.writeStartObject();
        json.writeArrayPropertyStart("models");
        catalog.shown().forEach(model -> model(json, model));
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void model(JsonGenerator json, String model) {
        boolean embeds = model.contains("embedding");
        json.writeStartObject();
        json.writeStringProperty("name", "models/" + model);
        json.writeStringProperty("version", "001");
        json.writeStringProperty("displayName", model);
        json.writeNumberProperty("inputTokenLimit", LONGEST_INPUT);
        json.writeNumberProperty("outputTokenLimit", embeds ? 1 : LONGEST_OUTPUT);
        json.writeArrayPropertyStart("supportedGenerationMethods");
        for (String method :
                embeds
                        ? List.of("embedContent", "countTokens", "asyncBatchEmbedContent")
                        : List.of("generateContent", "countTokens", "batchGenerateContent")) {
            json.writeString(method);
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
