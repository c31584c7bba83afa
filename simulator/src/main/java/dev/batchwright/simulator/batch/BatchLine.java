package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.Json;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * One line of a batch input file in OpenAI's form or that of its relatives, read without a tree.
 * What is not there is "".
 *
 * @param rawId the custom_id as raw JSON
 * @param customId the custom_id, if it is a text
 * @param body the raw body, empty if it is not an object
 * @param model the body's model
 * @param streamed whether the body asks for a stream
 * @param prompted whether the body has messages, an input or a prompt
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record BatchLine(
        byte[] rawId,
        String customId,
        String method,
        String url,
        byte[] body,
        String model,
        boolean streamed,
        boolean prompted) {
    private static final JsonFactory JSON = Json.factory();
    private static final byte[] NOTHING = new byte[0];
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    /** Reads a line; nothing, if it is not one JSON object. */
    public static Optional<BatchLine> read(byte[] buffer, int start, int length) {
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), buffer, start, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            var line = new Reading(parser, buffer, start);
            line.members();
            return parser.nextToken() == null ? Optional.of(line.done()) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** The body, with this model if it names none itself. */
    public byte[] bodyFor(String usual) {
        if (!model.isEmpty() || usual.isEmpty() || body.length == 0) {
            return body;
        }
        String rest = new String(body, StandardCharsets.UTF_8).substring(1);
        String comma = rest.strip().startsWith("}") ? "" : ",";
        return ("{\"model\":" + JsonMapper.shared().writeValueAsString(usual) + comma + rest)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A line that is being read. */
    private static final class Reading {
        private final JsonParser parser;
        private final byte[] buffer;
        private final int start;
        private byte[] rawId = NULL;
        private String customId = "";
        private String method = "";
        private String url = "";
        private byte[] body = NOTHING;
        private String model = "";
        private boolean streamed;
        private boolean prompted;

        Reading(JsonParser parser, byte[] buffer, int start) {
            this.parser = parser;
            this.buffer = buffer;
            this.start = start;
        }

        void members() {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                int from = (int) parser.currentTokenLocation().getByteOffset();
                switch (name) {
                    case "custom_id" -> {
                        customId = text(value);
                        rawId = raw(from);
                    }
                    case "method" -> method = text(value);
                    case "url" -> url = text(value);
                    case "body" -> {
                        if (value == JsonToken.START_OBJECT) {
                            body();
                            body = raw(from);
                        } else {
                            parser.skipChildren();
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
        }

        private void body() {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "model" -> model = text(value);
                    case "stream" -> streamed = value == JsonToken.VALUE_TRUE;
                    case "messages", "input", "prompt" -> {
                        prompted = true;
                        parser.skipChildren();
                    }
                    default -> parser.skipChildren();
                }
            }
        }

        private String text(JsonToken value) {
            if (value == JsonToken.VALUE_STRING) {
                return parser.getString();
            }
            parser.skipChildren();
            return "";
        }

        private byte[] raw(int from) {
            parser.finishToken();
            int to = (int) parser.currentLocation().getByteOffset();
            return Arrays.copyOfRange(buffer, start + from, start + to);
        }

        BatchLine done() {
            return new BatchLine(rawId, customId, method, url, body, model, streamed, prompted);
        }
    }
}
