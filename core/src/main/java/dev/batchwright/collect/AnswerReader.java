package dev.batchwright.collect;

import dev.batchwright.job.RawJson;
import dev.batchwright.stream.AnswerStream;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.util.Optional;

/** Takes a stored answer apart; a body stays as it came. */
final class AnswerReader {
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private final byte[] bytes;
    private int status;
    private String requestId = "";
    private Optional<RawJson> body = Optional.empty();
    private String code = "";
    private String message = "";

    private AnswerReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * @param answer the two fields {@code response} and {@code error} of an output line
     * @param stream as its caller wants it told
     */
    static CollectedAnswer read(
            RawJson answer,
            String endpoint,
            Optional<AnswerStream> stream,
            Optional<CollectedAnswer.Origin> origin) {
        byte[] object = new byte[answer.length() + 2];
        object[0] = '{';
        answer.buffer().get(object, 1, answer.length());
        object[object.length - 1] = '}';
        var reader = new AnswerReader(object);
        try {
            reader.readAll();
        } catch (JacksonException e) {
            // What the parser says quotes the answer.
            reader.body = Optional.empty();
            reader.code = "unexpected_answer";
            reader.message = "The provider's answer is not JSON. It is kept with its job.";
        }
        return reader.answer(endpoint, stream, origin);
    }

    private CollectedAnswer answer(
            String endpoint,
            Optional<AnswerStream> stream,
            Optional<CollectedAnswer.Origin> origin) {
        if (body.isPresent()) {
            return new CollectedAnswer(status, requestId, body.get(), stream, origin);
        }
        int said = ErrorBody.status(code);
        return new CollectedAnswer(
                said, requestId, ErrorBody.of(endpoint, said, code, message), stream, origin);
    }

    private void readAll() {
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean response = parser.currentName().equals("response");
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    continue;
                }
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    field(parser, response, parser.currentName());
                }
            }
        }
    }

    private void field(JsonParser parser, boolean response, String name) {
        JsonToken token = parser.nextToken();
        if (response && name.equals("body")) {
            int start = (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            parser.finishToken();
            int end = (int) parser.currentLocation().getByteOffset();
            body =
                    token == JsonToken.VALUE_NULL
                            ? Optional.empty()
                            : Optional.of(RawJson.of(bytes, start, end - start));
        } else if (response && name.equals("status_code")) {
            status = parser.getIntValue();
        } else if (response && name.equals("request_id")) {
            requestId = token == JsonToken.VALUE_STRING ? parser.getString() : "";
        } else if (!response && name.equals("code")) {
            code = token == JsonToken.VALUE_NULL ? "" : parser.getString();
        } else if (!response && name.equals("message")) {
            message = token == JsonToken.VALUE_NULL ? "" : parser.getString();
        } else {
            parser.skipChildren();
        }
    }
}
