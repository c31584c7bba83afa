package dev.batchwright.provider.gemini;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.ResultRow;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.time.Clock;
import java.util.Optional;

/**
 * Reads a line of results: {@code {"key","response"}} or {@code {"key","error"}}, in any order. A
 * result that came with its batch has its key in {@code metadata}; where it has none, it is called
 * by its place among them: {@code request-17}.
 */
final class RowReader {
    private final Clock clock;

    RowReader(Clock clock) {
        this.clock = clock;
    }

    ResultRow read(Call call, byte[] bytes, int offset, int length) {
        if (isBlank(bytes, offset, length)) {
            return new ResultRow.Blank();
        }
        var line = new Line(bytes, offset, length);
        try {
            line.parse();
        } catch (JacksonException notJson) {
            return new ResultRow.Unreadable("it is not a JSON object");
        }
        if (line.id().isEmpty()) {
            return new ResultRow.Unreadable("it names no request: it has no `key`");
        }
        return line.row(call, line.id().get());
    }

    private static boolean isBlank(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] < 0 || bytes[i] > ' ') {
                return false;
            }
        }
        return true;
    }

    /** A value's place, from the line's start. */
    private record Span(int offset, int length) {}

    private final class Line {
        private final byte[] bytes;
        private final int start;
        private final int length;
        private String key = "";
        private String metadataKey = "";
        private String place = "";
        private Optional<Span> response = Optional.empty();
        private Optional<Span> error = Optional.empty();
        private ApiError told = ApiError.NONE;

        Line(byte[] bytes, int start, int length) {
            this.bytes = bytes;
            this.start = start;
            this.length = length;
        }

        void parse() {
            try (JsonParser parser = Json.parser(bytes, start, length)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    return;
                }
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    field(parser, parser.currentName(), parser.nextToken());
                }
                parser.nextToken();
            }
        }

        private void field(JsonParser parser, String name, JsonToken value) {
            int from = (int) parser.currentTokenLocation().getByteOffset();
            switch (name) {
                case "key" -> key = scalar(parser, value);
                case "place" -> place = scalar(parser, value);
                case "metadata" -> readMetadata(parser, value);
                case "error" -> {
                    if (value == JsonToken.START_OBJECT) {
                        told = Answer.readError(parser, value);
                        error = Optional.of(span(parser, from));
                    } else {
                        parser.skipChildren();
                    }
                }
                case "response" -> {
                    parser.skipChildren();
                    if (value == JsonToken.START_OBJECT) {
                        response = Optional.of(span(parser, from));
                    }
                }
                default -> parser.skipChildren();
            }
        }

        private static Span span(JsonParser parser, int from) {
            return new Span(from, (int) parser.currentLocation().getByteOffset() - from);
        }

        private void readMetadata(JsonParser parser, JsonToken value) {
            if (value != JsonToken.START_OBJECT) {
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken field = parser.nextToken();
                if (name.equals("key")) {
                    metadataKey = scalar(parser, field);
                } else {
                    parser.skipChildren();
                }
            }
        }

        private static String scalar(JsonParser parser, JsonToken value) {
            parser.skipChildren();
            return value.isScalarValue() && value != JsonToken.VALUE_NULL ? parser.getString() : "";
        }

        Optional<String> id() {
            if (!key.isEmpty()) {
                return Optional.of(key);
            }
            if (!metadataKey.isEmpty()) {
                return Optional.of(metadataKey);
            }
            return place.isEmpty() ? Optional.empty() : Optional.of("request-" + place);
        }

        ResultRow row(Call call, String id) {
            if (error.isPresent()) {
                return failed(id, error.get());
            }
            if (response.isEmpty()) {
                return nothing(id, "no_answer", "The batch gives neither an answer nor an error.");
            }
            int from = start + response.get().offset();
            int size = response.get().length();
            Optional<Answer> answer = Answer.parse(bytes, from, size);
            if (answer.isEmpty() || !answer.get().answers(call)) {
                return nothing(
                        id,
                        "unexpected_answer",
                        "The answer is not what %s gives.".formatted(call.method()));
            }
            Usage usage = answer.get().usage();
            String responseId = answer.get().responseId();
            return new ResultRow.Succeeded(
                    id,
                    usage,
                    switch (call) {
                        case GENERATE, EMBED ->
                                new ResultRow.Answer.InLine(
                                        ResultRow.Form.BODY, 200, response.get().offset(), size);
                        case CHAT ->
                                made(
                                        responseId,
                                        ChatAnswer.translate(
                                                bytes, from, size, "", clock.instant()));
                        case EMBEDDINGS ->
                                made(
                                        responseId,
                                        EmbeddingsAnswer.translate(bytes, from, size, "", usage));
                    });
        }

        private static ResultRow.Answer made(String responseId, RawJson body) {
            return new ResultRow.Answer.Made(new Reply(200, responseId, body));
        }

        /** Of no use, though the batch says that it succeeded: another attempt may go better. */
        private ResultRow nothing(String id, String code, String message) {
            ResultRow.Answer answer =
                    response.isEmpty()
                            ? new ResultRow.Answer.None()
                            : new ResultRow.Answer.InLine(
                                    ResultRow.Form.BODY,
                                    200,
                                    response.get().offset(),
                                    response.get().length());
            return new ResultRow.Failed(id, new ItemError(code, message), true, Usage.NONE, answer);
        }

        private ResultRow failed(String id, Span span) {
            GrpcCode code = GrpcCode.of(told.code());
            String message =
                    told.message().isEmpty()
                            ? "The request failed in the batch without a reason."
                            : told.message();
            return new ResultRow.Failed(
                    id,
                    new ItemError(code.code(), message),
                    code.passes(),
                    Usage.NONE,
                    new ResultRow.Answer.InLine(
                            ResultRow.Form.ERROR, code.httpStatus(), span.offset(), span.length()));
        }
    }
}
