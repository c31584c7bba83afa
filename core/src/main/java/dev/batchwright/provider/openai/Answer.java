package dev.batchwright.provider.openai;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Usage;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What we read of an answer's body, in one pass without a tree: whether it is JSON, the names at
 * its top, its error in any of the family's shapes, its status and its usage.
 *
 * <ul>
 *   <li>{@code {"error":{"message","type","code"}}}: OpenAI; vLLM and OpenRouter give the code as a
 *       number
 *   <li>{@code {"error":"text"}}: Together; xAI with a {@code code} beside it
 *   <li>{@code {"object":"error","message","type","code"}}: Mistral, older vLLM
 *   <li>{@code {"message"}}, {@code {"detail":"text"}}, {@code {"detail":[..]}}: gateways, FastAPI
 * </ul>
 */
final class Answer {
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(2000)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    /** What FastAPI says of an address at which it has nothing. */
    private static final String NO_SUCH_ROUTE = "Not Found";

    private final Set<String> names = new HashSet<>();
    private boolean isArray;
    private boolean hasError;
    private String object = "";
    private String status = "";
    private String code = "";
    private String type = "";
    private String message = "";
    private Usage usage = Usage.NONE;

    private Answer() {}

    /** Empty if the body is not one JSON value. Blanks around it, and a BOM, do no harm. */
    static Optional<Answer> parse(byte[] body) {
        var answer = new Answer();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return Optional.empty();
            }
            if (first == JsonToken.START_OBJECT) {
                answer.readTop(parser);
            } else {
                answer.isArray = first == JsonToken.START_ARRAY;
                parser.skipChildren();
            }
            return parser.nextToken() == null ? Optional.of(answer) : Optional.empty();
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    /** The body as JSON: itself without the blanks around it, or else its text as one string. */
    static RawJson json(byte[] body, boolean isJson) {
        if (!isJson) {
            String text = new String(body, StandardCharsets.UTF_8);
            var quoted = new StringBuilder(text.length() + 16).append('"');
            JsonStringEncoder.getInstance().quoteAsString(text, quoted);
            return RawJson.of(quoted.append('"').toString());
        }
        int start = 0;
        int end = body.length;
        while (start < end && isPadding(body[start])) {
            start++;
        }
        while (end > start && isPadding(body[end - 1])) {
            end--;
        }
        return RawJson.of(body, start, end - start);
    }

    // Blanks, and the three bytes of a BOM, none of which can begin or end a JSON value.
    private static boolean isPadding(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t' || (b & 0xff) >= 0xbb;
    }

    private void readTop(JsonParser parser) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.VALUE_NULL) {
                continue;
            }
            names.add(name);
            switch (name) {
                case "object" -> object = text(parser, value);
                case "status" -> status = text(parser, value);
                case "error" -> readError(parser, value);
                case "usage" -> usage = UsageReader.read(parser, value);
                case "code" -> code = beside(code, text(parser, value));
                case "type" -> type = beside(type, text(parser, value));
                case "message", "detail" -> {
                    String text = text(parser, value);
                    message = message.isEmpty() ? text : message;
                }
                default -> parser.skipChildren();
            }
        }
    }

    // What stands beside an error object says less than what is in it.
    private String beside(String told, String text) {
        return hasError && !told.isEmpty() ? told : text;
    }

    private void readError(JsonParser parser, JsonToken value) {
        if (value != JsonToken.START_OBJECT) {
            hasError = value != JsonToken.VALUE_FALSE;
            message = text(parser, value);
            return;
        }
        hasError = true;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken field = parser.nextToken();
            switch (name) {
                case "code" -> code = text(parser, field);
                case "type" -> type = text(parser, field);
                case "message" -> message = text(parser, field);
                default -> parser.skipChildren();
            }
        }
    }

    private static String text(JsonParser parser, JsonToken value) {
        parser.skipChildren();
        return value.isScalarValue() && value != JsonToken.VALUE_NULL ? parser.getString() : "";
    }

    boolean has(String name) {
        return names.contains(name);
    }

    boolean isArray() {
        return isArray;
    }

    /** Whether the body says of itself that it is an error, whatever the HTTP status. */
    boolean isError() {
        return hasError || object.equals("error");
    }

    /** Whether the body has the form of an answer of an API, rather than of some server's page. */
    boolean isOfAnApi() {
        return isError()
                || (has("message") && (has("code") || has("type")))
                || (has("detail") && !message.equals(NO_SUCH_ROUTE));
    }

    ApiError error() {
        return ApiError.of(code, type, message);
    }

    String status() {
        return status;
    }

    Usage usage() {
        return usage;
    }
}
