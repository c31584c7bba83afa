package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether content may be asked for like this, beyond what {@link ProtoJson} saw to. One instance
 * looks at one request and keeps the first problem, in Google's words.
 */
final class RequestChecks {
    private static final Set<String> DATA =
            Set.of(
                    "text",
                    "inlineData",
                    "fileData",
                    "functionCall",
                    "functionResponse",
                    "executableCode",
                    "codeExecutionResult");
    private static final int MOST_CANDIDATES = 8;

    private @Nullable Refusal problem;

    private RequestChecks() {}

    static Optional<Refusal> of(JsonNode request) {
        var look = new RequestChecks();
        look.contents("contents", request.path("contents"));
        look.config(request.path("generationConfig"));
        look.tools(request);
        return Optional.ofNullable(look.problem);
    }

    private void contents(String place, JsonNode contents) {
        if (contents.isEmpty()) {
            fail("* GenerateContentRequest.%s: contents is not specified\n".formatted(place));
        }
        for (int i = 0; i < contents.size(); i++) {
            JsonNode content = contents.path(i);
            if (!content.path("role").asString("").matches("|user|model|function")) {
                fail("Please use a valid role: user, model.");
            }
            if (content.path("parts").isEmpty()) {
                fail(
                        "* GenerateContentRequest.%s[%d].parts: contents.parts must not be empty.\n"
                                .formatted(place, i));
            }
            for (int j = 0; j < content.path("parts").size(); j++) {
                if (content.path("parts").path(j).propertyNames().stream()
                        .noneMatch(DATA::contains)) {
                    fail(
                            "* GenerateContentRequest.%s[%d].parts[%d].data: required oneof field 'data' must have one initialized field\n"
                                    .formatted(place, i, j));
                }
            }
        }
    }

    private void config(JsonNode config) {
        range("temperature", config, 0, 2);
        range("top_p", config, "topP", 0, 1);
        range("candidate_count", config, "candidateCount", 1, MOST_CANDIDATES + 0.5);
        range("max_output_tokens", config, "maxOutputTokens", 1, Integer.MAX_VALUE);
        boolean json = config.path("responseMimeType").asString("").equals("application/json");
        for (String schema : List.of("responseSchema", "responseJsonSchema")) {
            if (config.has(schema)
                    && !json
                    && !config.path("responseMimeType").asString("").equals("text/x.enum")) {
                fail(
                        "* GenerateContentRequest.generation_config.response_schema: only allowed"
                                + " when response_mime_type is 'application/json' or"
                                + " 'text/x.enum'\n");
            }
        }
        if (config.has("responseSchema") && config.has("responseJsonSchema")) {
            fail("Only one of response_schema and response_json_schema may be set.");
        }
    }

    private void range(String name, JsonNode config, double least, double most) {
        range(name, config, name, least, most);
    }

    private void range(String name, JsonNode config, String member, double least, double most) {
        double value = config.path(member).asDouble(least);
        if (value < least || value > most) {
            fail(
                    "* GenerateContentRequest.generation_config.%s: %s must be in the range [%s, %s].\n"
                            .formatted(name, name, least, most));
        }
    }

    private void tools(JsonNode request) {
        JsonNode calling = request.path("toolConfig").path("functionCallingConfig");
        boolean any = calling.path("mode").asString("").equals("ANY");
        if (any && ForcedFunction.of(request).isEmpty()) {
            fail(
                    "Function calling config is set without function_declarations that it allows."
                            + " Mode ANY needs one.");
        }
        if (!any && !calling.path("allowedFunctionNames").isEmpty()) {
            fail(
                    "Invalid function calling config: allowed_function_names should only be set"
                            + " when function calling mode is ANY.");
        }
    }

    private void fail(String message) {
        if (problem == null) {
            problem = Refusal.of(Reason.BAD_REQUEST, 400, message);
        }
    }
}
