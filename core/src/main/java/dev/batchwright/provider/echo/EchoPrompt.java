package dev.batchwright.provider.echo;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;

import java.util.ArrayList;
import java.util.List;

/**
 * What a request asks, read in one pass from whichever fields its endpoint has: {@code messages},
 * {@code input}, {@code prompt}, {@code documents}, {@code text_1}, {@code text_2}, {@code query};
 * and which tool it wants to be called.
 */
final class EchoPrompt {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MOST_ANSWERS = 128;
    private static final int MOST_DIMENSIONS = 4096;

    private final List<String> texts = new ArrayList<>(1);
    private String model = "echo";
    private String lastMessage = "";
    private boolean hasMessages;
    private String query = "";
    private int dimensions = 8;
    private boolean base64;
    private int n = 1;
    private String chosenTool = "";
    private String firstTool = "";
    private boolean someTool;

    private EchoPrompt() {}

    static EchoPrompt parse(byte[] body) {
        var prompt = new EchoPrompt();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new StreamReadException(parser, "not an object");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                prompt.readField(parser, parser.currentName(), parser.nextToken());
            }
        }
        return prompt;
    }

    private void readField(JsonParser parser, String name, JsonToken value) {
        switch (name) {
            case "messages", "input", "prompt", "documents", "text_2" -> readInput(parser, value);
            case "query", "text_1" -> query = text(parser, value);
            case "model" -> model = text(parser, value);
            case "dimensions" -> dimensions = number(parser, value, MOST_DIMENSIONS);
            case "n" -> n = number(parser, value, MOST_ANSWERS);
            case "encoding_format" -> base64 = text(parser, value).equals("base64");
            case "tools" -> readTools(parser, value);
            case "tool_choice" -> readToolChoice(parser, value);
            default -> parser.skipChildren();
        }
    }

    private void readTools(JsonParser parser, JsonToken value) {
        if (value != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        for (JsonToken e = parser.nextToken(); e != JsonToken.END_ARRAY; e = parser.nextToken()) {
            String name = e == JsonToken.START_OBJECT ? toolName(parser) : "";
            parser.skipChildren();
            firstTool = firstTool.isEmpty() ? name : firstTool;
        }
    }

    /**
     * A name, or the word for "any of them": OpenAI's {@code required}, Anthropic's {@code any}.
     */
    private void readToolChoice(JsonParser parser, JsonToken value) {
        if (value == JsonToken.START_OBJECT) {
            chosenTool = toolName(parser);
            return;
        }
        someTool |= text(parser, value).equals("required");
    }

    /** Of a tool or a choice of one, in the forms of chat, of responses and of messages. */
    private String toolName(JsonParser parser) {
        String name = "";
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (field) {
                case "name" -> name = text(parser, value);
                case "type" -> someTool |= text(parser, value).equals("any");
                case "function" -> name = value == JsonToken.START_OBJECT ? toolName(parser) : name;
                default -> parser.skipChildren();
            }
        }
        return name;
    }

    private void readInput(JsonParser parser, JsonToken value) {
        if (value != JsonToken.START_ARRAY) {
            texts.add(text(parser, value));
            return;
        }
        var tokens = new StringBuilder();
        for (JsonToken e = parser.nextToken(); e != JsonToken.END_ARRAY; e = parser.nextToken()) {
            switch (e) {
                case START_OBJECT -> readMessage(parser);
                case START_ARRAY -> texts.add(tokens(parser));
                case VALUE_NUMBER_INT -> tokens.append(parser.getString()).append(' ');
                default -> texts.add(text(parser, e));
            }
        }
        if (!tokens.isEmpty()) {
            texts.add(tokens.toString().strip());
        }
    }

    private static String tokens(JsonParser parser) {
        var tokens = new StringBuilder();
        for (JsonToken e = parser.nextToken(); e != JsonToken.END_ARRAY; e = parser.nextToken()) {
            tokens.append(text(parser, e)).append(' ');
        }
        return tokens.toString().strip();
    }

    /** A message with a role, or a document with a text. */
    private void readMessage(JsonParser parser) {
        String role = "";
        String content = "";
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "role" -> role = text(parser, value);
                case "content", "text" -> content = content(parser, value);
                default -> parser.skipChildren();
            }
        }
        texts.add(content);
        if (role.equals("user") || !hasMessages) {
            lastMessage = content;
        }
        hasMessages |= !role.isEmpty();
    }

    private static String content(JsonParser parser, JsonToken value) {
        if (value != JsonToken.START_ARRAY) {
            return text(parser, value);
        }
        var parts = new StringBuilder();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                parts.append(text(parser, parser.currentToken()));
                continue;
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean isText = parser.currentName().equals("text");
                JsonToken part = parser.nextToken();
                parts.append(isText ? text(parser, part) : "");
                parser.skipChildren();
            }
        }
        return parts.toString();
    }

    private static String text(JsonParser parser, JsonToken value) {
        if (value == JsonToken.VALUE_NULL || !value.isScalarValue()) {
            parser.skipChildren();
            return "";
        }
        return parser.getString();
    }

    private static int number(JsonParser parser, JsonToken value, int most) {
        parser.skipChildren();
        return value.isScalarValue() ? Math.clamp(parser.getValueAsInt(1), 1, most) : 1;
    }

    String model() {
        return model;
    }

    /** The user's last words. */
    String prompt() {
        if (hasMessages) {
            return lastMessage;
        }
        return texts.size() == 1 ? texts.getFirst() : String.join("\n", texts);
    }

    /** Every text of the input. */
    List<String> texts() {
        return texts;
    }

    /** What documents or second texts are compared with. */
    String query() {
        return query;
    }

    int dimensions() {
        return dimensions;
    }

    boolean base64() {
        return base64;
    }

    int n() {
        return n;
    }

    /** The tool that must be called; empty where that is left open. */
    String tool() {
        return chosenTool.isEmpty() && someTool ? firstTool : chosenTool;
    }

    int characters() {
        int sum = query.length();
        for (String text : texts) {
            sum += text.length();
        }
        return sum;
    }
}
