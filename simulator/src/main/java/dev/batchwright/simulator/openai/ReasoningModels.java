package dev.batchwright.simulator.openai;

import tools.jackson.databind.JsonNode;

/** The gpt-5 family and the o-series, which refuse parameters that other models take. */
final class ReasoningModels {
    private ReasoningModels() {}

    static Checks check(Checks checks, JsonNode body) {
        if (!isOne(body.path("model").asString(""))) {
            return checks;
        }
        return checks.unsupported(
                        "max_tokens",
                        given -> false,
                        "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
                                + " 'max_completion_tokens' instead.",
                        "unsupported_parameter")
                .unsupported(
                        "temperature",
                        given -> given.asDouble(1) == 1,
                        "Unsupported value: 'temperature' does not support %s with this model. Only the default (1) value is supported."
                                .formatted(body.path("temperature").asString("")),
                        "unsupported_value")
                .unsupported(
                        "logprobs",
                        given -> given.isBoolean() && !given.asBoolean(),
                        parameter("logprobs"),
                        "unsupported_parameter")
                .unsupported(
                        "top_logprobs",
                        given -> false,
                        parameter("top_logprobs"),
                        "unsupported_parameter")
                .unsupported(
                        "top_p",
                        given -> given.asDouble(1) == 1,
                        parameter("top_p"),
                        "unsupported_parameter")
                .unsupported(
                        "presence_penalty",
                        given -> given.asDouble(0) == 0,
                        parameter("presence_penalty"),
                        "unsupported_parameter")
                .unsupported(
                        "frequency_penalty",
                        given -> given.asDouble(0) == 0,
                        parameter("frequency_penalty"),
                        "unsupported_parameter")
                .unsupported(
                        "logit_bias",
                        JsonNode::isEmpty,
                        parameter("logit_bias"),
                        "unsupported_parameter");
    }

    /** By what its name begins with, or any part of it behind a slash. */
    private static boolean isOne(String model) {
        int from = 0;
        do {
            boolean five = model.startsWith("gpt-5", from) && model.indexOf("chat", from) < 0;
            boolean numbered =
                    model.startsWith("o", from)
                            && from + 1 < model.length()
                            && model.charAt(from + 1) >= '0'
                            && model.charAt(from + 1) <= '9';
            if (five || numbered) {
                return true;
            }
            from = model.indexOf('/', from) + 1;
        } while (from > 0);
        return false;
    }

    private static String parameter(String name) {
        return "Unsupported parameter: '%s' is not supported with this model.".formatted(name);
    }
}
