package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Checks a body parameter by parameter and keeps the first problem, in OpenAI's words. */
final class Checks {
    private final JsonNode body;
    private @Nullable Refusal problem;

    private Checks(JsonNode body) {
        this.body = body;
    }

    static Checks of(JsonNode body) {
        return new Checks(body);
    }

    Checks model(Profile profile) {
        required("model").string("model");
        String model = body.path("model").asString("");
        if (problem == null && !profile.knows(model)) {
            problem = unknownModel(model);
        }
        return this;
    }

    static Refusal unknownModel(String model) {
        return Refusal.of(
                Reason.UNKNOWN_MODEL,
                404,
                "The model `%s` does not exist or you do not have access to it.".formatted(model));
    }

    Checks required(String name) {
        if (isNothing(body.path(name))) {
            fail(
                    "Missing required parameter: '%s'.".formatted(name),
                    name,
                    "missing_required_parameter");
        }
        return this;
    }

    Checks string(String name) {
        return type(name, "a string", JsonNode::isString);
    }

    Checks oneOf(String name, Predicate<String> right, List<String> values) {
        String value = body.path(name).asString("");
        if (given(body.path(name)) && !right.test(value)) {
            fail(
                    "Invalid value: '%s'. Supported values are: '%s'."
                            .formatted(value, String.join("', '", values)),
                    name,
                    "invalid_value");
        }
        return this;
    }

    Checks array(String name) {
        return type(name, "an array", JsonNode::isArray);
    }

    Checks flag(String name) {
        return type(name, "a boolean", JsonNode::isBoolean);
    }

    Checks stringOrArray(String name) {
        return type(name, "a string or an array", node -> node.isString() || node.isArray());
    }

    Checks notEmpty(String name) {
        JsonNode value = body.path(name);
        if (given(value) && value.isArray() && value.isEmpty()) {
            fail(
                    "Invalid '%s': empty array. Expected an array with minimum length 1, but got an empty array instead."
                            .formatted(name),
                    name,
                    "empty_array");
        }
        return this;
    }

    Checks integer(String name, long least, long most) {
        type(name, "an integer", JsonNode::isIntegralNumber);
        JsonNode value = body.path(name);
        if (given(value)) {
            bounds(name, value.asDouble(0), (double) least, (double) most, "integer");
        }
        return this;
    }

    Checks number(String name, double least, double most) {
        type(name, "a decimal", JsonNode::isNumber);
        JsonNode value = body.path(name);
        if (given(value)) {
            bounds(name, value.asDouble(least), least, most, "decimal");
        }
        return this;
    }

    /** Refuses a parameter, if it is given and the predicate doesn't let it pass. */
    Checks unsupported(String name, Predicate<JsonNode> fine, String message, String code) {
        JsonNode value = body.path(name);
        if (given(value) && !fine.test(value)) {
            fail(message, name, code);
        }
        return this;
    }

    Checks fail(String message, @Nullable String param, @Nullable String code) {
        if (problem == null) {
            problem = new Refusal(Reason.BAD_REQUEST, 400, message, param, code);
        }
        return this;
    }

    Optional<Refusal> problem() {
        return Optional.ofNullable(problem);
    }

    private Checks type(String name, String wanted, Predicate<JsonNode> right) {
        JsonNode value = body.path(name);
        if (given(value) && !right.test(value)) {
            fail(
                    "Invalid type for '%s': expected %s, but got %s instead."
                            .formatted(name, wanted, kind(value)),
                    name,
                    "invalid_type");
        }
        return this;
    }

    private void bounds(String name, double value, double least, double most, String kind) {
        if (value < least) {
            String bound = kind.equals("integer") ? "" + (long) least : "" + least;
            fail(
                    "Invalid '%s': %s below minimum value. Expected a value >= %s."
                            .formatted(name, kind, bound),
                    name,
                    kind + "_below_min_value");
        } else if (value > most) {
            String bound = kind.equals("integer") ? "" + (long) most : "" + most;
            fail(
                    "Invalid '%s': %s above maximum value. Expected a value <= %s."
                            .formatted(name, kind, bound),
                    name,
                    kind + "_above_max_value");
        }
    }

    private boolean given(JsonNode value) {
        return problem == null && !isNothing(value);
    }

    private static boolean isNothing(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case STRING -> "a string";
            case BOOLEAN -> "a boolean";
            case NUMBER -> node.isIntegralNumber() ? "an integer" : "a decimal";
            default -> "null";
        };
    }
}
