package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.SchemaDocument;
import dev.batchwright.simulator.wire.Json;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;

/** The shape that the request wants the answer in. */
sealed interface OutputFormat {
    record Text() implements OutputFormat {}

    record AnyJson() implements OutputFormat {}

    record Schema(JsonNode schema) implements OutputFormat {}

    /** The echo in that shape. */
    default String write(String echo) {
        return switch (this) {
            case Text() -> echo;
            case AnyJson() ->
                    new String(
                            Json.write(
                                    json -> {
                                        json.writeStartObject();
                                        json.writeStringProperty("echo", echo);
                                        json.writeEndObject();
                                    }),
                            StandardCharsets.UTF_8);
            case Schema(JsonNode schema) -> SchemaDocument.fit(schema, echo);
        };
    }

    /**
     * Reads the wish.
     *
     * @param format {@code {type: text | json_object | json_schema}}
     * @param schema the schema, for the last of these
     */
    static OutputFormat of(JsonNode format, JsonNode schema) {
        return switch (format.path("type").asString("text")) {
            case "json_object" -> new AnyJson();
            case "json_schema" -> new Schema(schema);
            default -> new Text();
        };
    }
}
