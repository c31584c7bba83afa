package dev.batchwright.provider.gemini;

import dev.batchwright.job.RawJson;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * An answer of Gemini's as a chat completion. Whatever is in it that nobody knows is passed over.
 */
final class ChatAnswer {
    private final JsonNode answer;
    private final String id;

    private ChatAnswer(JsonNode answer, String id) {
        this.answer = answer;
        this.id = id;
    }

    /**
     * @param offset of a GenerateContentResponse, which is an object
     * @param model where the answer names none
     */
    static RawJson translate(byte[] bytes, int offset, int length, String model, Instant now) {
        JsonNode answer = Json.MAPPER.readTree(bytes, offset, length);
        String id = answer.path("responseId").asString("");
        var translation = new ChatAnswer(answer, id.isEmpty() ? madeId(bytes, offset, length) : id);
        return Json.raw(translation.completion(model, now));
    }

    // The same for the same answer, however often it is read.
    private static String madeId(byte[] bytes, int offset, int length) {
        var crc = new CRC32();
        crc.update(bytes, offset, length);
        return Long.toHexString(crc.getValue());
    }

    private ObjectNode completion(String model, Instant now) {
        ObjectNode completion = Json.MAPPER.createObjectNode();
        completion.put("id", "chatcmpl-" + id);
        completion.put("object", "chat.completion");
        completion.put("created", now.getEpochSecond());
        completion.put("model", answer.path("modelVersion").asString(model));
        ArrayNode choices = completion.putArray("choices");
        for (JsonNode candidate : answer.path("candidates")) {
            choices.add(choice(candidate, choices.size()));
        }
        if (choices.isEmpty()) {
            choices.add(withoutCandidate());
        }
        JsonNode usage = answer.path("usageMetadata");
        if (usage.isObject()) {
            completion.set("usage", usage(usage));
        }
        return completion;
    }

    private ObjectNode choice(JsonNode candidate, int position) {
        ObjectNode message = Json.MAPPER.createObjectNode().put("role", "assistant");
        var text = new StringBuilder();
        var thoughts = new StringBuilder();
        ArrayNode calls = Json.MAPPER.createArrayNode();
        ArrayNode images = Json.MAPPER.createArrayNode();
        boolean anyText = false;
        for (JsonNode part : candidate.path("content").path("parts")) {
            if (part.path("functionCall").isObject()) {
                calls.add(toolCall(part, position, calls.size()));
            } else if (part.path("inlineData").isObject()) {
                images.add(image(part.path("inlineData")));
            } else if (part.path("thought").booleanValue(false)) {
                thoughts.append(part.path("text").asString(""));
            } else if (part.path("text").isString()) {
                anyText = true;
                text.append(part.path("text").stringValue());
            }
        }
        if (anyText) {
            message.put("content", text.toString());
        } else {
            message.putNull("content");
        }
        message.putNull("refusal");
        // As OpenRouter and others name what OpenAI's answer has no place for.
        if (!thoughts.isEmpty()) {
            message.put("reasoning_content", thoughts.toString());
        }
        if (!images.isEmpty()) {
            message.set("images", images);
        }
        if (!calls.isEmpty()) {
            message.set("tool_calls", calls);
        }
        ObjectNode choice = Json.MAPPER.createObjectNode();
        choice.put("index", candidate.path("index").asInt(position));
        choice.set("message", message);
        choice.set("logprobs", logprobs(candidate.path("logprobsResult")));
        choice.put(
                "finish_reason",
                finishReason(candidate.path("finishReason").asString(""), !calls.isEmpty()));
        return choice;
    }

    private ObjectNode toolCall(JsonNode part, int choice, int position) {
        JsonNode function = part.path("functionCall");
        String given = function.path("id").asString("");
        ObjectNode call = Json.MAPPER.createObjectNode();
        call.put("id", given.isEmpty() ? "call_%s_%d_%d".formatted(id, choice, position) : given);
        call.put("type", "function");
        JsonNode arguments = function.path("args");
        call.putObject("function")
                .put("name", function.path("name").asString(""))
                .put(
                        "arguments",
                        arguments.isObject() ? Json.MAPPER.writeValueAsString(arguments) : "{}");
        if (part.path("thoughtSignature").isString()) {
            call.putObject("extra_content")
                    .putObject("google")
                    .set("thought_signature", part.path("thoughtSignature"));
        }
        return call;
    }

    private static ObjectNode image(JsonNode data) {
        ObjectNode image = Json.MAPPER.createObjectNode().put("type", "image_url");
        image.putObject("image_url")
                .put(
                        "url",
                        "data:%s;base64,%s"
                                .formatted(
                                        data.path("mimeType").asString("image/png"),
                                        data.path("data").asString("")));
        return image;
    }

    private static JsonNode logprobs(JsonNode result) {
        JsonNode chosen = result.path("chosenCandidates");
        if (!chosen.isArray()) {
            return Json.MAPPER.nullNode();
        }
        ObjectNode logprobs = Json.MAPPER.createObjectNode();
        ArrayNode content = logprobs.putArray("content");
        for (JsonNode token : chosen) {
            ObjectNode entry = token(token);
            ArrayNode top = entry.putArray("top_logprobs");
            JsonNode others = result.path("topCandidates").path(content.size()).path("candidates");
            for (JsonNode other : others) {
                top.add(token(other));
            }
            content.add(entry);
        }
        logprobs.putNull("refusal");
        return logprobs;
    }

    private static ObjectNode token(JsonNode token) {
        String text = token.path("token").asString("");
        ObjectNode entry = Json.MAPPER.createObjectNode().put("token", text);
        // Zero is not written by the API: it is the certainty of one.
        entry.set(
                "logprob",
                token.path("logProbability").asOptional().isPresent()
                        ? token.path("logProbability")
                        : Json.MAPPER.getNodeFactory().numberNode(0));
        ArrayNode bytes = entry.putArray("bytes");
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(b & 0xff);
        }
        return entry;
    }

    private static String finishReason(String reason, boolean calls) {
        return switch (reason) {
            case "STOP", "" -> calls ? "tool_calls" : "stop";
            case "MAX_TOKENS" -> "length";
            case "SAFETY",
                    "RECITATION",
                    "BLOCKLIST",
                    "PROHIBITED_CONTENT",
                    "SPII",
                    "IMAGE_SAFETY",
                    "IMAGE_PROHIBITED_CONTENT",
                    "IMAGE_RECITATION" ->
                    "content_filter";
            // Not one of OpenAI's, but what happened: a malformed call is no ordinary stop.
            default -> reason.toLowerCase(Locale.ROOT);
        };
    }

    /** The prompt was blocked, or nothing came: an answer all the same, and perhaps paid for. */
    private ObjectNode withoutCandidate() {
        String blocked = answer.path("promptFeedback").path("blockReason").asString("");
        ObjectNode choice = Json.MAPPER.createObjectNode().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        message.putNull("content");
        if (blocked.isEmpty()) {
            message.putNull("refusal");
        } else {
            message.put("refusal", "Gemini blocked the prompt: %s.".formatted(blocked));
        }
        choice.putNull("logprobs");
        choice.put("finish_reason", blocked.isEmpty() ? "stop" : "content_filter");
        return choice;
    }

    private static ObjectNode usage(JsonNode counts) {
        long prompt =
                counts.path("promptTokenCount").asLong(0)
                        + counts.path("toolUsePromptTokenCount").asLong(0);
        long thoughts = counts.path("thoughtsTokenCount").asLong(0);
        long completion = counts.path("candidatesTokenCount").asLong(0) + thoughts;
        ObjectNode usage = Json.MAPPER.createObjectNode();
        usage.put("prompt_tokens", prompt);
        usage.put("completion_tokens", completion);
        usage.put("total_tokens", prompt + completion);
        usage.putObject("prompt_tokens_details")
                .put("cached_tokens", counts.path("cachedContentTokenCount").asLong(0));
        usage.putObject("completion_tokens_details").put("reasoning_tokens", thoughts);
        return usage;
    }
}
