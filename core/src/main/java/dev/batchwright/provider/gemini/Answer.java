package dev.batchwright.provider.gemini;

import dev.batchwright.http.GoDuration;
import dev.batchwright.job.Usage;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What we read of an answer's body, in one pass without a tree: the names at its top, its error
 * (alone or as the one element of an array), its id and its usage. Where usage is not told, it is
 * nothing: a call for embeddings does not tell it.
 */
final class Answer {
    private final Set<String> names = new HashSet<>();
    private Optional<ApiError> error = Optional.empty();
    private String responseId = "";
    private Usage usage = Usage.NONE;

    private Answer() {}

    static Optional<Answer> parse(byte[] body) {
        return parse(body, 0, body.length);
    }

    /** Empty if the bytes are not one JSON value. Blanks around it, and a BOM, do no harm. */
    static Optional<Answer> parse(byte[] bytes, int offset, int length) {
        var answer = new Answer();
        try (JsonParser parser = Json.parser(bytes, offset, length)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return Optional.empty();
            }
            answer.read(parser, first);
            return parser.nextToken() == null ? Optional.of(answer) : Optional.empty();
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    private void read(JsonParser parser, JsonToken first) {
        if (first == JsonToken.START_OBJECT) {
            readTop(parser);
        } else if (first == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() == JsonToken.START_OBJECT) {
                    readTop(parser);
                } else {
                    parser.skipChildren();
                }
            }
        }
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
                case "error" -> error = Optional.of(readError(parser, value));
                case "responseId" -> responseId = text(parser, value);
                case "usageMetadata" -> usage = readUsage(parser, value);
                default -> parser.skipChildren();
            }
        }
    }

    private static Usage readUsage(JsonParser parser, JsonToken value) {
        if (value != JsonToken.START_OBJECT) {
            return Usage.NONE;
        }
        long prompt = 0;
        long tools = 0;
        long cached = 0;
        long candidates = 0;
        long thoughts = 0;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken count = parser.nextToken();
            if (!count.isScalarValue()) {
                parser.skipChildren();
                continue;
            }
            long tokens = Math.max(0, parser.getValueAsLong(0));
            switch (name) {
                case "promptTokenCount" -> prompt = tokens;
                case "toolUsePromptTokenCount" -> tools = tokens;
                case "cachedContentTokenCount" -> cached = tokens;
                case "candidatesTokenCount" -> candidates = tokens;
                case "thoughtsTokenCount" -> thoughts = tokens;
                default -> {}
            }
        }
        return new Usage(prompt + tools, cached, candidates + thoughts);
    }

    /** The parser stands on the value of {@code error}; afterwards on its end. */
    static ApiError readError(JsonParser parser, JsonToken value) {
        if (value != JsonToken.START_OBJECT) {
            return new ApiError(0, "", text(parser, value), "", List.of(), false, Optional.empty());
        }
        int code = 0;
        String status = "";
        String message = "";
        var details = new Details();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken field = parser.nextToken();
            switch (name) {
                case "code" -> {
                    code = field.isScalarValue() ? parser.getValueAsInt(0) : 0;
                    parser.skipChildren();
                }
                case "status" -> status = text(parser, field);
                case "message" -> message = text(parser, field);
                case "details" -> details.read(parser, field);
                default -> parser.skipChildren();
            }
        }
        return new ApiError(
                code,
                status,
                message,
                details.reason,
                details.quotas,
                details.noQuota,
                details.retryDelay);
    }

    /** The details of an error, told apart by the names in them. */
    private static final class Details {
        private final List<String> quotas = new ArrayList<>();
        private String reason = "";
        private boolean noQuota;
        private Optional<Duration> retryDelay = Optional.empty();

        void read(JsonParser parser, JsonToken value) {
            if (!value.isStructStart()) {
                return;
            }
            int depth = 1;
            while (depth > 0) {
                JsonToken token = parser.nextToken();
                if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                } else if (token == JsonToken.VALUE_STRING && parser.currentName() != null) {
                    field(parser.currentName(), parser.getString());
                }
            }
        }

        private void field(String name, String value) {
            switch (name) {
                case "reason" -> reason = value;
                case "quotaId" -> quotas.add(value);
                case "quotaValue" -> noQuota = noQuota || value.equals("0");
                case "retryDelay" -> retryDelay = GoDuration.parse(value);
                default -> {}
            }
        }
    }

    private static String text(JsonParser parser, JsonToken value) {
        parser.skipChildren();
        return value.isScalarValue() && value != JsonToken.VALUE_NULL ? parser.getString() : "";
    }

    Optional<ApiError> error() {
        return error;
    }

    String responseId() {
        return responseId;
    }

    Usage usage() {
        return usage;
    }

    /**
     * Whether this is what the call gives. A prompt that was blocked and an answer without a
     * candidate are: they were worked on, and often paid for.
     */
    boolean answers(Call call) {
        return call.embeds()
                ? names.contains("embedding") || names.contains("embeddings")
                : names.contains("candidates")
                        || names.contains("promptFeedback")
                        || names.contains("usageMetadata");
    }
}
