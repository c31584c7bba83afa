package dev.batchwright.collect;

import dev.batchwright.job.RawJson;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns the answer to a chat completion that was a message ({@link MessagesToChat}) into the answer
 * that the message's client knows; errors, too.
 */
final class ChatToMessage {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ENDPOINT = "/v1/messages";
    private static final int BROKEN = 502;

    private ChatToMessage() {}

    static CollectedAnswer translate(CollectedAnswer answer) {
        JsonNode body;
        try {
            body = JSON.readTree(answer.body().toByteArray());
        } catch (JacksonException e) {
            body = JSON.createObjectNode();
        }
        if (!answer.isGood()) {
            return with(answer, answer.status(), error(answer.status(), body));
        }
        if (body.path("type").asString("").equals("message")) {
            return answer;
        }
        JsonNode choice = body.path("choices").path(0);
        if (!choice.path("message").isObject()) {
            return with(
                    answer,
                    BROKEN,
                    ErrorBody.of(
                            ENDPOINT,
                            BROKEN,
                            "unexpected_answer",
                            "The backend's answer is no chat completion. It is kept with its"
                                    + " job."));
        }
        return with(
                answer, answer.status(), RawJson.of(JSON.writeValueAsBytes(message(body, choice))));
    }

    private static CollectedAnswer with(CollectedAnswer answer, int status, RawJson body) {
        return new CollectedAnswer(
                status, answer.requestId(), body, answer.stream(), answer.origin());
    }

    private static RawJson error(int status, JsonNode body) {
        if (body.path("type").asString("").equals("error")) {
            return RawJson.of(JSON.writeValueAsBytes(body));
        }
        JsonNode error = body.path("error");
        String message =
                error.isString()
                        ? error.asString()
                        : error.path("message").asString("The request was refused.");
        return ErrorBody.of(ENDPOINT, status, "", message);
    }

    private static ObjectNode message(JsonNode body, JsonNode choice) {
        JsonNode said = choice.path("message");
        ObjectNode message = JSON.createObjectNode();
        message.put("id", "msg_" + body.path("id").asString("").replaceAll("[^A-Za-z0-9_-]", ""));
        message.put("type", "message").put("role", "assistant");
        message.put("model", body.path("model").asString(""));
        ArrayNode content = message.putArray("content");
        String refusal = said.path("refusal").asString("");
        String text = refusal.isEmpty() ? said.path("content").asString("") : refusal;
        if (!text.isEmpty()) {
            content.addObject().put("type", "text").put("text", text);
        }
        for (JsonNode call : said.path("tool_calls")) {
            content.add(toolUse(call));
        }
        message.put(
                "stop_reason",
                refusal.isEmpty()
                        ? stopReason(
                                choice.path("finish_reason").asString(""),
                                said.path("tool_calls").isEmpty())
                        : "refusal");
        message.putNull("stop_sequence");
        message.set("usage", usage(body.path("usage")));
        return message;
    }

    private static ObjectNode toolUse(JsonNode call) {
        ObjectNode use = JSON.createObjectNode();
        use.put("type", "tool_use");
        use.put("id", call.path("id").asString(""));
        use.put("name", call.path("function").path("name").asString(""));
        use.set("input", arguments(call.path("function").path("arguments").asString("")));
        return use;
    }

    /** Models do not always write JSON: what can't be read is handed on as it is. */
    private static JsonNode arguments(String text) {
        try {
            JsonNode read = JSON.readTree(text);
            if (read instanceof ObjectNode) {
                return read;
            }
        } catch (JacksonException e) {
            // Told below.
        }
        ObjectNode raw = JSON.createObjectNode();
        return text.isBlank() ? raw : raw.put("arguments", text);
    }

    // A tool that had to be called ends a chat as if there had been none.
    private static String stopReason(String finish, boolean noTools) {
        return switch (finish) {
            case "stop" -> noTools ? "end_turn" : "tool_use";
            case "length" -> "max_tokens";
            case "tool_calls", "function_call" -> "tool_use";
            case "content_filter" -> "refusal";
            default -> "end_turn";
        };
    }

    /** What was read from a cache is no part of Anthropic's input tokens. */
    private static ObjectNode usage(JsonNode usage) {
        long cached = usage.path("prompt_tokens_details").path("cached_tokens").asLong(0);
        ObjectNode told = JSON.createObjectNode();
        told.put("input_tokens", Math.max(0, usage.path("prompt_tokens").asLong(0) - cached));
        told.put("output_tokens", usage.path("completion_tokens").asLong(0));
        told.put("cache_read_input_tokens", cached);
        told.put("cache_creation_input_tokens", 0);
        return told;
    }
}
