package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Looks at a body place by place and keeps the first problem, in Anthropic's words. */
final class Checks {
    private @Nullable Refusal problem;

    Optional<Refusal> problem() {
        return Optional.ofNullable(problem);
    }

    boolean fine() {
        return problem == null;
    }

    void fail(String message) {
        fail(Refusal.of(Reason.BAD_REQUEST, 400, message));
    }

    void fail(Refusal refusal) {
        if (problem == null) {
            problem = refusal;
        }
    }

    void required(String place, JsonNode value) {
        if (missing(value)) {
            fail(place + ": Field required");
        }
    }

    void string(String place, JsonNode value) {
        type(place, value, JsonNode::isString, "a valid string");
    }

    void flag(String place, JsonNode value) {
        type(place, value, JsonNode::isBoolean, "a valid boolean");
    }

    void list(String place, JsonNode value) {
        type(place, value, JsonNode::isArray, "a valid list");
    }

    void object(String place, JsonNode value) {
        type(place, value, JsonNode::isObject, "an object");
    }

    void integer(String place, JsonNode value, long least) {
        type(place, value, JsonNode::isIntegralNumber, "a valid integer");
        if (!missing(value) && value.asDouble(0) < least) {
            fail(place + ": Input should be greater than or equal to " + least);
        }
    }

    void share(String place, JsonNode value) {
        type(place, value, JsonNode::isNumber, "a valid number");
        if (!missing(value) && (value.asDouble(0) < 0 || value.asDouble(0) > 1)) {
            fail(place + ": range: 0..1");
        }
    }

    void oneOf(String place, JsonNode value, Set<String> accepted) {
        if (!missing(value) && !accepted.contains(value.asString(""))) {
            fail(place + ": Input should be " + quoted(accepted));
        }
    }

    /** Nothing but these members is accepted. */
    void known(String place, JsonNode object, Set<String> accepted) {
        for (String name : object.propertyNames()) {
            if (!accepted.contains(name)) {
                fail(place + name + ": Extra inputs are not permitted");
            }
        }
    }

    static boolean missing(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    private void type(String place, JsonNode value, Predicate<JsonNode> right, String wanted) {
        if (!missing(value) && !right.test(value)) {
            fail(place + ": Input should be " + wanted);
        }
    }

    private static String quoted(Set<String> words) {
        return String.join(" or ", words.stream().sorted().map(word -> "'" + word + "'").toList());
    }
}
