package dev.batchwright.input;

import dev.batchwright.job.RawJson;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The JSON schema that an answer must keep to, by the provider's strict structured output. */
public record ResponseSchema(String name, RawJson schema) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int LONGEST_NAME = 64;

    /** Reads a schema; its name is that of the file, as far as a schema's name may hold it. */
    public static ResponseSchema read(Path file) {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InputException(
                    "--schema %s can't be read. Does the file exist, and may you read it?"
                            .formatted(file),
                    e);
        }
        JsonNode schema;
        try {
            schema = JSON.readTree(content);
        } catch (JacksonException e) {
            // The cause would quote the file.
            throw new InputException(
                    "--schema %s is not JSON: see line %d, column %d."
                            .formatted(
                                    file,
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr()));
        }
        if (!schema.isObject()) {
            throw new InputException(
                    "--schema %s is not a JSON object. A schema looks like {\"type\": \"object\", \"properties\": ...}."
                            .formatted(file));
        }
        if (schema.has("json_schema") || schema.has("schema")) {
            throw new InputException(
                    "--schema %s holds a response format around a schema. Give the schema alone, the object with `type` and `properties`."
                            .formatted(file));
        }
        if (!schema.path("type").asString("").equals("object")) {
            throw new InputException(
                    "--schema %s does not describe an object: strict answers need `\"type\": \"object\"` at the top. Wrap what you have in an object with one property."
                            .formatted(file));
        }
        return new ResponseSchema(nameOf(file), RawJson.of(JSON.writeValueAsBytes(schema)));
    }

    /** For {@code response_format} of a chat completion. */
    public RawJson chatFormat() {
        return RawJson.of(
                "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"%s\",\"strict\":true,\"schema\":%s}}"
                        .formatted(name, schema));
    }

    /** For {@code text.format} of a response. */
    public RawJson responsesFormat() {
        return RawJson.of(
                "{\"type\":\"json_schema\",\"name\":\"%s\",\"strict\":true,\"schema\":%s}"
                        .formatted(name, schema));
    }

    /** For {@code output_config.format} of a message of Anthropic's. */
    public RawJson messagesFormat() {
        return RawJson.of("{\"type\":\"json_schema\",\"schema\":%s}".formatted(schema));
    }

    private static String nameOf(Path file) {
        String name =
                file.getFileName()
                        .toString()
                        .replaceFirst("(\\.schema)?\\.json$", "")
                        .replaceAll("[^A-Za-z0-9_-]", "_");
        String kept = name.substring(0, Math.min(name.length(), LONGEST_NAME));
        return kept.isEmpty() ? "answer" : kept;
    }
}
