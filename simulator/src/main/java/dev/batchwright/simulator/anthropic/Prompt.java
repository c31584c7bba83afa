package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.model.Tokens;

import tools.jackson.databind.JsonNode;

/**
 * What a prompt costs. Only text counts. What lies before the last mark {@code cache_control} is
 * written to the cache; nothing is ever read from it, so that an answer depends on no other.
 *
 * @param fresh tokens that no mark covers
 * @param shortLived tokens written to the cache for five minutes
 * @param longLived tokens written to the cache for an hour
 */
record Prompt(long fresh, long shortLived, long longLived) {
    static Prompt of(JsonNode body) {
        var count = new Count();
        body.path("tools").forEach(count::mark);
        count.content(body.path("system"));
        for (JsonNode message : body.path("messages")) {
            count.content(message.path("content"));
        }
        count.mark(body);
        long all = Tokens.ofBytes(count.bytes);
        long longLived = Math.min(all, Tokens.ofBytes(count.longLived));
        long cached = Math.clamp(Tokens.ofBytes(count.marked), longLived, all);
        return new Prompt(all - cached, cached - longLived, longLived);
    }

    long tokens() {
        return fresh + shortLived + longLived;
    }

    /** The text of a content: itself, or that of its blocks, one after the other. */
    static String text(JsonNode content) {
        if (content.isString()) {
            return content.asString();
        }
        var text = new StringBuilder();
        for (JsonNode block : content) {
            text.append(blockText(block));
        }
        return text.toString();
    }

    private static String blockText(JsonNode block) {
        return switch (block.path("type").asString("")) {
            case "tool_result" -> text(block.path("content"));
            case "document" -> block.path("source").path("data").asString("");
            default -> block.path("text").asString("");
        };
    }

    /** The text of the last message of the user. */
    static String lastUserText(JsonNode messages) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.path(i).path("role").asString("").equals("user")) {
                return text(messages.path(i).path("content"));
            }
        }
        return "";
    }

    /** Bytes so far, and how many of them lie before a mark. */
    private static final class Count {
        private long bytes;
        private long marked;
        private long longLived;

        void content(JsonNode content) {
            if (content.isString()) {
                bytes += Tokens.utf8Length(content.asString());
                return;
            }
            for (JsonNode block : content) {
                bytes += Tokens.utf8Length(blockText(block));
                mark(block);
            }
        }

        void mark(JsonNode marked) {
            JsonNode control = marked.path("cache_control");
            if (control.isObject()) {
                this.marked = bytes;
                if (control.path("ttl").asString("5m").equals("1h")) {
                    longLived = bytes;
                }
            }
        }
    }
}
