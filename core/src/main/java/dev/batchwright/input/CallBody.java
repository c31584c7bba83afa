package dev.batchwright.input;

import dev.batchwright.job.RawJson;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The body of one call as a client made it. How the answer comes back is between the client and us:
 * {@code stream} and {@code stream_options} are taken out, so that a streamed call is the same
 * request as one that is not. All else stays as it came, byte for byte.
 *
 * @param model that it names; empty where it names none
 * @param streamed whether the client wants events
 * @param usageStreamed whether it wants the usage as an event of its own
 * @param background whether the provider would answer before it is done
 * @param json what is sent
 */
public record CallBody(
        String model, boolean streamed, boolean usageStreamed, boolean background, RawJson json) {
    private static final Set<String> OURS = Set.of("stream", "stream_options");

    // Callers are virtual threads, many thousands of them: none of them keeps buffers of its own.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    /**
     * @throws InputException if it is not one JSON object
     */
    public static CallBody read(RawJson body) {
        byte[] bytes = body.toByteArray();
        var fields = new ObjectFields();
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new InputException("The body of the request is not a JSON object.");
            }
            fields.scan(parser, bytes, 0, null);
            if (parser.nextToken() != null) {
                throw new InputException("The body of the request goes on after its JSON object.");
            }
        } catch (JacksonException e) {
            // What the parser says quotes the body.
            throw new InputException("The body of the request is not valid JSON.");
        }
        fields.repeated()
                .ifPresent(
                        name -> {
                            throw new InputException(
                                    "The request has `%s` twice. Keep one.".formatted(name));
                        });
        int model = fields.find("model");
        return new CallBody(
                fields.is(model, JsonToken.VALUE_STRING) ? fields.text(model) : "",
                fields.isTrue("stream"),
                includesUsage(fields),
                fields.isTrue("background"),
                without(fields, bytes, body));
    }

    private static boolean includesUsage(ObjectFields fields) {
        int options = fields.find("stream_options");
        if (!fields.is(options, JsonToken.START_OBJECT)) {
            return false;
        }
        var nested = new ObjectFields();
        byte[] bytes = fields.text(options).getBytes(StandardCharsets.UTF_8);
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
            parser.nextToken();
            nested.scan(parser, bytes, 0, null);
        }
        return nested.isTrue("include_usage");
    }

    private static RawJson without(ObjectFields fields, byte[] bytes, RawJson body) {
        if (OURS.stream().noneMatch(fields::has)) {
            return body;
        }
        var rest = new JsonBuffer();
        String separator = "{";
        for (int i = 0; i < fields.size(); i++) {
            if (!OURS.contains(fields.name(i))) {
                rest.raw(separator)
                        .raw(bytes, fields.nameStart(i), fields.end(i) - fields.nameStart(i));
                separator = ",";
            }
        }
        return rest.raw(separator.equals("{") ? "{}" : "}").json();
    }

    /** This, naming the model as its provider knows it. */
    public RawJson naming(String name) {
        if (name.equals(model)) {
            return json;
        }
        byte[] bytes = json.toByteArray();
        var fields = new ObjectFields();
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
            parser.nextToken();
            fields.scan(parser, bytes, 0, null);
        }
        int place = fields.find("model");
        if (place < 0) {
            return json;
        }
        int end = fields.end(place);
        return new JsonBuffer()
                .raw(bytes, 0, fields.start(place))
                .quoted(name)
                .raw(bytes, end, bytes.length - end)
                .json();
    }
}
