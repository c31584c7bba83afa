package dev.batchwright.input;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.util.List;
import java.util.Set;

/**
 * Tells a message of Anthropic's from a chat completion, which has {@code messages} too. Where a
 * body could be either, it asks for the same; it is taken for a message if it has the {@code
 * max_tokens} that a message must have.
 */
final class MessagesForm {
    /** The provider for which both forms are known. */
    static final String PROVIDER = "anthropic";

    private static final List<String> MESSAGE_KEYS = List.of("system", "stop_sequences");
    private static final List<String> CHAT_KEYS =
            List.of(
                    "max_completion_tokens",
                    "response_format",
                    "stop",
                    "n",
                    "user",
                    "safety_identifier",
                    "seed",
                    "logprobs",
                    "top_logprobs",
                    "logit_bias",
                    "presence_penalty",
                    "frequency_penalty",
                    "reasoning_effort",
                    "verbosity",
                    "parallel_tool_calls",
                    "functions",
                    "function_call",
                    "modalities",
                    "audio",
                    "store",
                    "stream_options");
    private static final Set<String> CHAT_ROLES = Set.of("system", "developer", "tool", "function");
    private static final Set<String> CHAT_PARTS =
            Set.of("image_url", "input_audio", "file", "refusal");

    private MessagesForm() {}

    /** Whether a body with {@code messages} is, or may well be, one of Anthropic's. */
    static boolean fits(ObjectFields fields) {
        if (fields.hasAny(MESSAGE_KEYS)) {
            return true;
        }
        return fields.has("max_tokens")
                && !fields.hasAny(CHAT_KEYS)
                && !fields.is(fields.find("tool_choice"), JsonToken.VALUE_STRING)
                && !anyChatWord(fields, "messages")
                && !anyChatWord(fields, "tools");
    }

    /** Whether a role, a part or a tool is one that only a chat completion has. */
    private static boolean anyChatWord(ObjectFields fields, String name) {
        int field = fields.find(name);
        if (!fields.is(field, JsonToken.START_ARRAY)) {
            return false;
        }
        try (JsonParser parser = fields.parser(field)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() != JsonToken.START_OBJECT) {
                    parser.skipChildren();
                } else if (isOfChat(parser)) {
                    return true;
                }
            }
        }
        return false;
    }

    // Of a message or a tool. What lies deeper is content or a schema: anybody's own words.
    private static boolean isOfChat(JsonParser parser) {
        boolean chat = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            chat |=
                    switch (name) {
                        case "role" -> isString(parser, value, CHAT_ROLES);
                        case "tool_calls", "function" -> value != JsonToken.VALUE_NULL;
                        case "content" -> value == JsonToken.START_ARRAY && anyChatPart(parser);
                        default -> false;
                    };
            parser.skipChildren();
        }
        return chat;
    }

    private static boolean anyChatPart(JsonParser parser) {
        boolean chat = false;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                continue;
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                // Only this is decoded: other fields may hold a picture.
                boolean type = parser.currentName().equals("type");
                JsonToken value = parser.nextToken();
                chat |= type && isString(parser, value, CHAT_PARTS);
                parser.skipChildren();
            }
        }
        return chat;
    }

    private static boolean isString(JsonParser parser, JsonToken value, Set<String> some) {
        return value == JsonToken.VALUE_STRING && some.contains(parser.getString());
    }
}
