package dev.batchwright.stream;

import dev.batchwright.job.RawJson;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Server-sent events being written, one after the other. */
final class Events {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** The object that an answer is. */
    static ObjectNode read(RawJson answer) {
        try {
            if (JSON.readTree(answer.toByteArray()) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            // Said below: what the parser says quotes the answer.
        }
        throw new IllegalArgumentException("The answer is not a JSON object.");
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** The text of a value as JSON. */
    static String json(JsonNode value) {
        return JSON.writeValueAsString(value);
    }

    /** An event without a name. */
    Events data(JsonNode data) {
        out.writeBytes("data: ".getBytes(StandardCharsets.UTF_8));
        out.writeBytes(JSON.writeValueAsBytes(data));
        out.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** An event of this name. */
    Events named(String name, JsonNode data) {
        out.writeBytes(("event: " + name + "\n").getBytes(StandardCharsets.UTF_8));
        return data(data);
    }

    /** The line that ends the streams of OpenAI's older APIs. */
    Events done() {
        out.writeBytes("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
