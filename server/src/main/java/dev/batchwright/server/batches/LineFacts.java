package dev.batchwright.server.batches;

import dev.batchwright.store.HostedBatch.TokenSums;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.util.Optional;

/**
 * What a result says about its batch: the model that answered, and the tokens that it counted, in
 * whichever API's words.
 *
 * @param model empty where the answer names none
 */
record LineFacts(Optional<String> model, TokenSums tokens) {
    private static final LineFacts NONE = new LineFacts(Optional.empty(), TokenSums.NONE);

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    /** Gathers counts as they are read. */
    private static final class Counter {
        private long input;
        private long cached;
        private long output;
        private long reasoning;

        void read(JsonParser parser) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value == JsonToken.START_OBJECT && name.endsWith("_details")) {
                    read(parser);
                } else if (value == JsonToken.VALUE_NUMBER_INT) {
                    count(name, Math.max(0, parser.getValueAsLong(0)));
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void count(String name, long tokens) {
            switch (name) {
                case "prompt_tokens", "input_tokens" -> input = tokens;
                case "completion_tokens", "output_tokens" -> output = tokens;
                case "cached_tokens", "cache_read_input_tokens" -> cached = tokens;
                case "reasoning_tokens" -> reasoning = tokens;
                default -> {}
            }
        }
    }

    /**
     * Reads a line of results, or the value of its {@code response}: whatever leads down to the
     * body's own {@code model} and {@code usage}.
     */
    static LineFacts of(byte[] json, int offset, int length) {
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), json, offset, length)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? read(parser) : NONE;
        } catch (JacksonException e) {
            // What the backend answered is passed on whatever it is.
            return NONE;
        }
    }

    /** What a line of results says about its request. */
    enum Kind {
        GOOD,
        FAILED,
        /** It was never executed. */
        UNEXECUTED
    }

    /** Reads the kind of an OpenAI line that was written here. */
    static Kind kind(byte[] json, int offset, int length) {
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), json, offset, length)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("status_code")) {
                    int status = parser.getValueAsInt(0);
                    return status >= 200 && status < 300 ? Kind.GOOD : Kind.FAILED;
                }
                if (name.equals("code")) {
                    return parser.getString().startsWith("batch_") ? Kind.UNEXECUTED : Kind.FAILED;
                }
                boolean within = name.equals("response") || name.equals("error");
                if (!within || value != JsonToken.START_OBJECT) {
                    parser.skipChildren();
                }
            }
            return Kind.FAILED;
        } catch (JacksonException e) {
            return Kind.FAILED;
        }
    }

    private static LineFacts read(JsonParser parser) {
        var counter = new Counter();
        Optional<String> model = Optional.empty();
        int depth = 0;
        while (true) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.END_OBJECT && --depth < 0) {
                return new LineFacts(
                        model,
                        new TokenSums(
                                counter.input, counter.cached, counter.output, counter.reasoning));
            }
            if (token != JsonToken.PROPERTY_NAME) {
                continue;
            }
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            boolean within = name.equals("response") || name.equals("body");
            if (within && value == JsonToken.START_OBJECT) {
                depth++;
            } else if (name.equals("usage") && value == JsonToken.START_OBJECT) {
                counter.read(parser);
            } else if (name.equals("model") && value == JsonToken.VALUE_STRING) {
                model = Optional.of(parser.getString());
            } else {
                parser.skipChildren();
            }
        }
    }
}
