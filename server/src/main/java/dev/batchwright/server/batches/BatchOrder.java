package dev.batchwright.server.batches;

import dev.batchwright.config.TimeSpan;
import dev.batchwright.input.Endpoint;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.store.HostedBatch;
import dev.batchwright.store.HostedBatch.Form;
import dev.batchwright.store.HostedBatch.Layout;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What {@code POST /v1/batches} asks for, checked as the provider does before a batch is there.
 *
 * @param window as a span
 */
record BatchOrder(HostedBatch.Order order, Duration window) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration LONGEST_WINDOW = Duration.ofDays(90);
    private static final int MOST_PAIRS = 16;
    private static final int LONGEST_KEY = 64;
    private static final int LONGEST_VALUE = 512;

    /** The same order has the same one. */
    String likeness() {
        String text =
                String.join(
                        "\n",
                        order.inputFile(),
                        order.endpoint(),
                        order.window(),
                        order.metadata().map(RawJson::toString).orElse(""),
                        order.outputLifetime().map(Duration::toString).orElse(""),
                        order.layout().name(),
                        order.mode().map(Mode::name).orElse(""));
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("Every Java has SHA-256", e);
        }
    }

    /**
     * @throws ApiError if it is not one that can be taken
     */
    static BatchOrder read(
            byte[] body, Layout layout, Optional<Mode> mode, Duration usualLifetime) {
        JsonNode json = object(body);
        String input = text(json, "input_file_id");
        String endpoint = text(json, "endpoint");
        String window = text(json, "completion_window");
        Optional<Duration> span =
                TimeSpan.parse(window)
                        .filter(it -> !it.isZero() && it.compareTo(LONGEST_WINDOW) <= 0);
        if (Endpoint.find(endpoint).filter(it -> !it.modelInPath()).isEmpty()
                || !endpoint.startsWith("/v1/")) {
            throw Requests.invalidValue(
                    "endpoint", endpoint, "Supported values are: %s.".formatted(endpoints()));
        }
        if (span.isEmpty()) {
            throw Requests.invalidValue(
                    "completion_window",
                    window,
                    "It is a time span of at most 90 days, such as 24h, 90m or 7d.");
        }
        return new BatchOrder(
                new HostedBatch.Order(
                        Form.OPENAI,
                        input,
                        endpoint,
                        window,
                        metadata(json.get("metadata")),
                        lifetime(json.get("output_expires_after"))
                                .or(() -> Optional.of(usualLifetime)),
                        layout,
                        mode),
                span.get());
    }

    private static String endpoints() {
        return Arrays.stream(Endpoint.values())
                .filter(it -> !it.modelInPath())
                .map(Endpoint::path)
                .collect(Collectors.joining(", "));
    }

    private static JsonNode object(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            if (json.isObject()) {
                return json;
            }
        } catch (JacksonException e) {
            // What the parser says quotes the body.
            throw unreadable();
        }
        throw unreadable();
    }

    private static ApiError unreadable() {
        return ApiError.invalid(
                "We could not parse the JSON body of your request: it is not a JSON object.");
    }

    private static String text(JsonNode json, String name) {
        JsonNode value = json.get(name);
        if (value == null || value.isNull()) {
            throw Requests.missing(name);
        }
        if (!value.isString()) {
            throw Requests.invalidType(name, "a string, but got " + kind(value) + " instead");
        }
        return value.stringValue();
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case NUMBER -> "a number";
            case BOOLEAN -> "a boolean";
            case NULL -> "null";
            case BINARY, MISSING, POJO, STRING -> "something else";
        };
    }

    private static Optional<RawJson> metadata(JsonNode json) {
        if (json == null || json.isNull()) {
            return Optional.empty();
        }
        if (!json.isObject()) {
            throw Requests.invalidType("metadata", "an object, but got " + kind(json) + " instead");
        }
        if (json.size() > MOST_PAIRS) {
            throw ApiError.invalid(
                            "metadata",
                            "Invalid 'metadata': too many properties. Expected an object with at most %d properties, but got an object with %d properties instead."
                                    .formatted(MOST_PAIRS, json.size()))
                    .code("object_above_max_properties");
        }
        for (Map.Entry<String, JsonNode> pair : json.properties()) {
            String param = "metadata." + Requests.shown(pair.getKey());
            if (pair.getKey().length() > LONGEST_KEY) {
                throw tooLong(param, LONGEST_KEY, pair.getKey().length());
            }
            if (!pair.getValue().isString()) {
                throw Requests.invalidType(
                        param, "a string, but got " + kind(pair.getValue()) + " instead");
            }
            if (pair.getValue().stringValue().length() > LONGEST_VALUE) {
                throw tooLong(param, LONGEST_VALUE, pair.getValue().stringValue().length());
            }
        }
        return Optional.of(RawJson.of(json.toString()));
    }

    private static ApiError tooLong(String param, int most, int length) {
        return ApiError.invalid(
                        param,
                        "Invalid '%s': string too long. Expected a string with maximum length %d, but got a string with length %d instead."
                                .formatted(param, most, length))
                .code("string_above_max_length");
    }

    private static Optional<Duration> lifetime(JsonNode json) {
        if (json == null || json.isNull()) {
            return Optional.empty();
        }
        String param = "output_expires_after";
        if (!json.isObject()) {
            throw Requests.invalidType(param, "an object, but got " + kind(json) + " instead");
        }
        JsonNode seconds = json.get("seconds");
        if (seconds != null && !seconds.isIntegralNumber()) {
            throw Requests.invalidType(param + ".seconds", "an integer");
        }
        return Requests.lifetime(
                param,
                Optional.of(text(json, "anchor")),
                Optional.ofNullable(seconds).map(JsonNode::asString));
    }
}
