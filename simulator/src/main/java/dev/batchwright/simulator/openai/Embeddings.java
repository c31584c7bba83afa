package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Vectors;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** Embeddings: vectors of length 1 that follow from each input's hash. */
final class Embeddings {
    private static final int MOST_INPUTS = 2048;
    private static final int LARGEST = 4096;

    private Embeddings() {}

    static Intake read(JsonNode body, RequestHash hash, Profile profile) {
        Checks checks =
                Checks.of(body)
                        .model(profile)
                        .required("input")
                        .stringOrArray("input")
                        .notEmpty("input")
                        .integer("dimensions", 1, LARGEST)
                        .string("encoding_format");
        if (checks.problem().isEmpty()
                && Texts.of(body.path("input")).texts().size() > MOST_INPUTS) {
            checks.fail(
                    "Invalid 'input': array too long. Expected an array with maximum length 2048.",
                    "input",
                    "array_above_max_length");
        }
        if (checks.problem().isPresent()) {
            return new Intake.Refused(checks.problem().get());
        }
        String model = body.path("model").asString();
        Texts texts = Texts.of(body.path("input"));
        int dimensions = body.path("dimensions").asInt(model.contains("-3-large") ? 3072 : 1536);
        boolean base64 = body.path("encoding_format").asString("float").equals("base64");
        return new Intake.Ready(
                Done.of(
                        hash,
                        model,
                        texts.tokens(),
                        json -> {
                            json.writeStringProperty("object", "list");
                            json.writeArrayPropertyStart("data");
                            for (int i = 0; i < texts.texts().size(); i++) {
                                embedding(json, i, texts.texts().get(i), dimensions, base64);
                            }
                            json.writeEndArray();
                            json.writeStringProperty("model", profile.answered(model));
                            json.writeName("usage");
                            Usage.prompt(json, texts.tokens());
                        }));
    }

    private static void embedding(
            JsonGenerator json, int index, String text, int dimensions, boolean base64) {
        float[] vector = Vectors.embedding(text, dimensions);
        json.writeStartObject();
        json.writeStringProperty("object", "embedding");
        json.writeNumberProperty("index", index);
        if (base64) {
            json.writeStringProperty("embedding", Vectors.base64(vector));
        } else {
            json.writeArrayPropertyStart("embedding");
            for (float value : vector) {
                json.writeNumber(value);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }
}
