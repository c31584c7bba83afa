package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Tokens;

import tools.jackson.databind.JsonNode;

/** The text in messages and input items. */
final class Content {
    private Content() {}

    /** The text of a content: itself, or that of its parts, one after the other. */
    static String text(JsonNode content) {
        if (content.isString()) {
            return content.asString();
        }
        var text = new StringBuilder();
        for (JsonNode part : content) {
            text.append(part.path("text").asString(""));
        }
        return text.toString();
    }

    /** The text of the last user message, or of the last message where there is none of a user. */
    static String lastUserText(JsonNode messages) {
        String last = "";
        for (int i = messages.size() - 1; i >= 0; i--) {
            JsonNode message = messages.path(i);
            if (message.path("role").asString("").equals("user")) {
                return text(message.path("content"));
            }
            if (last.isEmpty()) {
                last = text(message.path("content"));
            }
        }
        return last;
    }

    static long bytes(JsonNode messages) {
        long bytes = 0;
        for (JsonNode message : messages) {
            bytes += Tokens.utf8Length(text(message.path("content")));
        }
        return bytes;
    }
}
