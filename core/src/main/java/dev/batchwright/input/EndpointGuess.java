package dev.batchwright.input;

import tools.jackson.core.JsonToken;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a JSON object without an envelope is, told from its own keys. */
sealed interface EndpointGuess {
    /** The body of a request for this endpoint. */
    record Body(Endpoint endpoint) implements EndpointGuess {}

    /** A row with a prompt. */
    record Row() implements EndpointGuess {}

    /** It could be more than one thing: which ones, and what to do. */
    record Ambiguous(String problem) implements EndpointGuess {}

    /** Nothing in it says what to do with it. */
    record Unknown() implements EndpointGuess {}

    /** Keys that only a request for a completion has: a row that carried one would lose it. */
    List<String> COMPLETION_KEYS =
            List.of(
                    "max_tokens",
                    "temperature",
                    "top_p",
                    "n",
                    "stop",
                    "logprobs",
                    "echo",
                    "best_of",
                    "suffix",
                    "presence_penalty",
                    "frequency_penalty",
                    "logit_bias",
                    "stream");

    List<String> RESPONSES_KEYS =
            List.of(
                    "instructions",
                    "max_output_tokens",
                    "reasoning",
                    "text",
                    "tools",
                    "previous_response_id",
                    "include",
                    "truncation");

    /** Keys that only the body of a request has. */
    List<String> BODY_KEYS =
            List.of("messages", "contents", "input", "text_1", "documents", "previous_response_id");

    /**
     * @param model that the object names, or that it gets for naming none
     */
    static EndpointGuess of(ObjectFields fields, String model) {
        if (fields.has("messages")) {
            return new Body(Endpoint.CHAT);
        }
        Optional<Endpoint> gemini = ofGemini(fields);
        if (gemini.isPresent()) {
            return new Body(gemini.get());
        }
        if (fields.has("input")) {
            return ofInput(fields, model.toLowerCase(Locale.ROOT));
        }
        if (fields.has("text_1")) {
            return new Body(Endpoint.SCORE);
        }
        if (fields.has("query") && fields.has("documents")) {
            return new Body(Endpoint.RERANK);
        }
        if (!fields.has("prompt")) {
            return new Unknown();
        }
        if (fields.hasAny(List.of("image", "images"))) {
            return new Body(Endpoint.IMAGE_EDITS);
        }
        if (fields.has("size")) {
            return new Body(Endpoint.IMAGES);
        }
        return fields.hasAny(COMPLETION_KEYS)
                ? new Ambiguous(
                        "it has a `prompt` and parameters: a request for /v1/completions, or a row?"
                            + " Say `--endpoint /v1/completions` to send it as it is, or `--prompt"
                            + " '{{prompt}}'` to use nothing but its prompt.")
                : new Row();
    }

    /** A body in Gemini's own form; a row may have columns of the same names, with text in them. */
    static Optional<Endpoint> ofGemini(ObjectFields fields) {
        if (fields.is(fields.find("contents"), JsonToken.START_ARRAY)) {
            return Optional.of(Endpoint.GENERATE_CONTENT);
        }
        return fields.is(fields.find("content"), JsonToken.START_OBJECT)
                ? Optional.of(Endpoint.EMBED_CONTENT)
                : Optional.empty();
    }

    private static EndpointGuess ofInput(ObjectFields fields, String model) {
        if (model.contains("moderation")) {
            return new Body(Endpoint.MODERATIONS);
        }
        int input = fields.find("input");
        boolean messages = fields.is(input, JsonToken.START_ARRAY) && fields.firstIn(input) == '{';
        if (messages || fields.hasAny(RESPONSES_KEYS)) {
            return new Body(Endpoint.RESPONSES);
        }
        if (model.contains("embed") || fields.hasAny(List.of("encoding_format", "dimensions"))) {
            return new Body(Endpoint.EMBEDDINGS);
        }
        return new Ambiguous(
                "it has an `input`, which may be for /v1/responses, /v1/embeddings or"
                        + " /v1/moderations. Say which with --endpoint.");
    }
}
