package dev.batchwright;

import dev.batchwright.answer.AnswerText;
import dev.batchwright.job.Cost;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Usage;
import dev.batchwright.store.StoredResult;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A provider's reply to one item, with its body as it came. What is asked for is read out of the
 * body each time; the rest of it is never built.
 */
public final class Answer {
    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .build())
                                    .build())
                    .build();

    private static final String[] LOGPROBS = {
        "/choices/0/logprobs", "/output/0/content/0/logprobs", "/candidates/0/logprobsResult"
    };

    private final RawJson line;
    private final int statusCode;
    private final String requestId;
    private final RawJson body;
    private final Usage usage;
    private final Cost cost;
    private final int attempts;

    private Answer(
            RawJson line, int statusCode, String requestId, RawJson body, StoredResult result) {
        this.line = line;
        this.statusCode = statusCode;
        this.requestId = requestId;
        this.body = body;
        this.usage = result.usage();
        this.cost = result.cost();
        this.attempts = result.attempts();
    }

    /** The reply that was stored; empty where there was none. */
    static Optional<Answer> of(StoredResult result) {
        byte[] bytes = object(result.answer());
        try (JsonParser parser =
                JSON.tokenStreamFactory().createParser(ObjectReadContext.empty(), bytes)) {
            parser.nextToken();
            parser.nextToken();
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            int status = 0;
            String requestId = "";
            RawJson body = RawJson.NULL;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "status_code" -> status = parser.getValueAsInt(0);
                    case "request_id" -> requestId = parser.getValueAsString("");
                    case "body" -> {
                        int from = (int) parser.currentTokenLocation().getByteOffset();
                        parser.skipChildren();
                        parser.finishToken();
                        int to = (int) parser.currentLocation().getByteOffset();
                        body = RawJson.of(bytes, from, to - from);
                    }
                    default -> parser.skipChildren();
                }
            }
            return Optional.of(new Answer(result.answer(), status, requestId, body, result));
        }
    }

    private static byte[] object(RawJson fields) {
        ByteBuffer object = ByteBuffer.allocate(fields.length() + 2);
        object.put((byte) '{').put(fields.buffer()).put((byte) '}');
        return object.array();
    }

    /** The two fields of an output line, as a tree. */
    static JsonNode tree(RawJson fields) {
        return JSON.readTree(object(fields));
    }

    /** {@return the HTTP status, or what stands for it in a batch's results} */
    public int statusCode() {
        return statusCode;
    }

    /** {@return the provider's name for the call, where it gave one} */
    public Optional<String> requestId() {
        return Optional.of(requestId).filter(id -> !id.isEmpty());
    }

    /**
     * {@return the body as it came, as JSON on one line; a body that is no JSON is one JSON string}
     */
    public RawJson body() {
        return body;
    }

    /**
     * Gives what a person would call the answer.
     *
     * @return the text of a chat's first choice, a response's output or a message; of an embedding
     *     its numbers, as JSON; of anything else the whole body; empty where the model wrote
     *     nothing
     */
    public String text() {
        return AnswerText.of(line).text();
    }

    /** What the model wrote as its answer; empty where it refused, or wrote none. */
    String written() {
        return AnswerText.of(line).written();
    }

    /**
     * {@return why the model stopped, or a response's status, in the provider's words; empty where
     * it did not say}
     */
    public Optional<String> finishReason() {
        return Optional.of(AnswerText.of(line).finishReason()).filter(reason -> !reason.isEmpty());
    }

    /** {@return the tokens that were paid for, of all attempts that were answered} */
    public Usage usage() {
        return usage;
    }

    /**
     * {@return what it cost by the price table, in the lane that it took; zero where no price is
     * known}
     */
    public Cost cost() {
        return cost;
    }

    /** {@return how many attempts it took; being throttled is none} */
    public int attempts() {
        return attempts;
    }

    /**
     * Gives a part of the body.
     *
     * @param pointer a JSON pointer (RFC 6901), as in {@code /choices/0/message/refusal}
     * @return a string's content, anything else as JSON; empty where there is none, or it is null
     * @throws IllegalArgumentException if it is no pointer: one begins with a slash
     */
    public Optional<String> at(String pointer) {
        JsonNode found = JSON.readTree(body.toByteArray()).at(pointer);
        if (found.isMissingNode() || found.isNull()) {
            return Optional.empty();
        }
        return Optional.of(found.isString() ? found.stringValue() : found.toString());
    }

    /**
     * {@return the log probabilities of the first choice, as the provider's JSON; empty if they
     * were not asked for}
     */
    public Optional<String> logprobs() {
        return Stream.of(LOGPROBS).map(this::at).flatMap(Optional::stream).findFirst();
    }

    /**
     * {@return the vector of an embeddings reply; the first, where there are several}
     *
     * @throws IllegalStateException if there is none
     */
    public float[] embedding() {
        JsonNode tree = JSON.readTree(body.toByteArray());
        JsonNode vector = tree.at("/data/0/embedding");
        if (!vector.isArray()) {
            vector = tree.at("/embedding/values");
        }
        if (!vector.isArray()) {
            throw new IllegalStateException(
                    "This answer holds no vector of numbers: it is no reply to a request for"
                            + " embeddings, or they were asked for in base64.");
        }
        float[] numbers = new float[vector.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = vector.get(i).floatValue();
        }
        return numbers;
    }

    /** Nothing of the reply itself: it may not belong into a log. */
    @Override
    public String toString() {
        return "Answer[%d, %,d bytes]".formatted(statusCode, body.length());
    }
}
