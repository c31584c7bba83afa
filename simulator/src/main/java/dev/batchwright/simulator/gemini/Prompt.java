package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.model.Tokens;

import tools.jackson.databind.JsonNode;

/** The text in contents. Only text counts: pictures cost nothing here. */
final class Prompt {
    private Prompt() {}

    /** The text of a content's parts, one after the other, without thoughts. */
    static String text(JsonNode content) {
        var text = new StringBuilder();
        for (JsonNode part : content.path("parts")) {
            if (!part.path("thought").asBoolean(false)) {
                text.append(part.path("text").asString(""));
            }
        }
        return text.toString();
    }

    /** The text of the last content that is not the model's own. */
    static String lastUserText(JsonNode contents) {
        for (int i = contents.size() - 1; i >= 0; i--) {
            if (!contents.path(i).path("role").asString("user").equals("model")) {
                return text(contents.path(i));
            }
        }
        return "";
    }

    static long tokens(JsonNode systemInstruction, JsonNode contents) {
        long bytes = Tokens.utf8Length(text(systemInstruction));
        for (JsonNode content : contents) {
            bytes += Tokens.utf8Length(text(content));
        }
        return Tokens.ofBytes(bytes);
    }
}
