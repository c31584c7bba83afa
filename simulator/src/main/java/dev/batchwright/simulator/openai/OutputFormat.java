package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.BrokenAnswers;
import dev.batchwright.simulator.model.Draft;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;

/** The shape that the request wants the answer in. */
sealed interface OutputFormat {
    record Text() implements OutputFormat {}

    record AnyJson() implements OutputFormat {}

    record Schema(JsonNode schema, BrokenAnswers broken) implements OutputFormat {}

    /** The echo in that shape. */
    default Draft write(String echo, RequestHash hash) {
        return switch (this) {
            case Text() -> Draft.of(echo);
            case AnyJson() ->
                    Draft.of(
                            new String(
                                    Json.write(
                                            json -> {
                                                json.writeStartObject();
                                                json.writeStringProperty("echo", echo);
                                                json.writeEndObject();
                                            }),
                                    StandardCharsets.UTF_8));
            case Schema(JsonNode schema, BrokenAnswers broken) -> broken.draft(schema, echo, hash);
        };
    }

    /**
     * Reads the wish.
     *
     * @param format {@code {type: text | json_object | json_schema}}
     * @param schema the schema, for the last of these
     * @param broken which of these answers are to be broken
     */
    static OutputFormat of(JsonNode format, JsonNode schema, BrokenAnswers broken) {
        return switch (format.path("type").asString("text")) {
            case "json_object" -> new AnyJson();
            case "json_schema" -> new Schema(schema, broken);
            default -> new Text();
        };
    }
}
