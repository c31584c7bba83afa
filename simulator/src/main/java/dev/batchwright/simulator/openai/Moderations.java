package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Vectors;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

import java.util.List;

/**
 * Moderations. A text is flagged, for violence, if it contains the word {@value #WORD}. The scores
 * follow from category and text; of unflagged categories they are below 0.01.
 */
final class Moderations {
    private static final String WORD = "violence";
    private static final List<String> CATEGORIES =
            List.of(
                    "hate",
                    "hate/threatening",
                    "harassment",
                    "harassment/threatening",
                    "illicit",
                    "illicit/violent",
                    "self-harm",
                    "self-harm/intent",
                    "self-harm/instructions",
                    "sexual",
                    "sexual/minors",
                    WORD,
                    "violence/graphic");

    private Moderations() {}

    static Intake read(JsonNode body, RequestHash hash, Profile profile) {
        Checks checks =
                Checks.of(body)
                        .string("model")
                        .required("input")
                        .stringOrArray("input")
                        .notEmpty("input");
        if (checks.problem().isPresent()) {
            return new Intake.Refused(checks.problem().get());
        }
        String model = body.path("model").asString("omni-moderation-latest");
        JsonNode input = body.path("input");
        Texts texts = Texts.of(input);
        // An array of objects is one input of several parts; anything else is one input each.
        List<String> inputs =
                input.path(0).isObject() ? List.of(String.join("", texts.texts())) : texts.texts();
        return new Intake.Ready(
                Done.of(
                        hash,
                        model,
                        texts.tokens(),
                        json -> {
                            json.writeStringProperty("id", "modr-" + hash.hex(29));
                            json.writeStringProperty("model", profile.answered(model));
                            json.writeArrayPropertyStart("results");
                            inputs.forEach(text -> result(json, text));
                            json.writeEndArray();
                        }));
    }

    private static void result(JsonGenerator json, String text) {
        boolean flagged = text.contains(WORD);
        json.writeStartObject();
        json.writeBooleanProperty("flagged", flagged);
        json.writeObjectPropertyStart("categories");
        for (String category : CATEGORIES) {
            json.writeBooleanProperty(category, flagged && category.equals(WORD));
        }
        json.writeEndObject();
        json.writeObjectPropertyStart("category_scores");
        for (String category : CATEGORIES) {
            double score = Vectors.score(category, text);
            json.writeNumberProperty(
                    category, flagged && category.equals(WORD) ? 0.5 + score / 2 : score / 100);
        }
        json.writeEndObject();
        json.writeObjectPropertyStart("category_applied_input_types");
        for (String category : CATEGORIES) {
            json.writeArrayPropertyStart(category);
            json.writeString("text");
            json.writeEndArray();
        }
        json.writeEndObject();
        json.writeEndObject();
    }
}
