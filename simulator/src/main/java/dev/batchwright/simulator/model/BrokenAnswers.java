package dev.batchwright.simulator.model;

import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Breaks a share of the answers that were asked for by a JSON schema, as models do: prose around
 * the JSON, a field that is missing, a value of the wrong type, or an end in the middle. Which
 * answers, and how, follows from the seed and the request alone: the same request has the same
 * answer, and one that asks again, being another, is judged anew.
 *
 * @param share of the answers, 0 to 1
 */
public record BrokenAnswers(double share, long seed) {
    private enum Way {
        PROSE,
        MISSING_FIELD,
        WRONG_TYPE,
        CUT_OFF
    }

    public BrokenAnswers {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a share of the answers is 0% to 100%");
        }
    }

    /**
     * Reads a share such as {@code 15%}.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public static double share(String text) {
        if (!text.matches("\\d{1,3}(\\.\\d{1,9})?%")) {
            throw new IllegalArgumentException(
                    "broken answers '%s': not a percentage; example: 15%%".formatted(text));
        }
        return Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
    }

    /** The answer to a request for a document of this schema, whole or broken. */
    public Draft draft(JsonNode schema, String echo, RequestHash request) {
        String document = SchemaDocument.fit(schema, echo);
        var chance = new SplittableRandom(seed ^ request.id());
        if (chance.nextDouble() >= share) {
            return Draft.of(document);
        }
        Way way = Way.values()[chance.nextInt(Way.values().length)];
        List<String> fields = fields(schema, document);
        if (way == Way.PROSE) {
            return Draft.of(
                    "Here is what you asked for:\n\n```json\n%s\n```\n\nIs there anything else?"
                            .formatted(document));
        }
        if (way == Way.CUT_OFF || fields.isEmpty()) {
            // No less than half: whoever allows twice as many tokens has the whole.
            return new Draft(document, (Tokens.of(document) + 1) / 2);
        }
        ObjectNode broken = (ObjectNode) json(document);
        String field = fields.get(chance.nextInt(fields.size()));
        if (way == Way.MISSING_FIELD) {
            broken.remove(field);
        } else if (broken.path(field).isString()) {
            broken.put(field, 0);
        } else {
            broken.put(field, "text");
        }
        return Draft.of(broken.toString());
    }

    /** The fields of the document that must be there; none where it is no object. */
    private static List<String> fields(JsonNode schema, String document) {
        JsonNode whole = json(document);
        var fields = new ArrayList<String>();
        for (JsonNode name : schema.path("required")) {
            if (whole.has(name.asString())) {
                fields.add(name.asString());
            }
        }
        return fields;
    }

    private static JsonNode json(String document) {
        return Json.read(document.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }
}
