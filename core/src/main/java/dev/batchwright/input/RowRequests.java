package dev.batchwright.input;

import dev.batchwright.job.RawJson;

import java.util.Optional;

/** Makes the body of a request from a row: one prompt, one model, one endpoint for them all. */
final class RowRequests {
    // Anthropic wants a limit in every request, and a row has none of its own.
    private static final String MESSAGES_LIMIT = "\"max_tokens\":4096,";

    private final Endpoint endpoint;
    private final Template prompt;
    private final Optional<Template> system;
    private final JsonBuffer buffer = new JsonBuffer();
    private final Frame frame;

    /** The JSON around the texts of the system and the user. */
    private record Frame(String beforeSystem, String beforePrompt, String afterPrompt) {}

    RowRequests(RequestOptions options, Template prompt) {
        this.endpoint = options.endpoint().orElse(Endpoint.CHAT);
        this.prompt = prompt;
        this.system = options.system();
        this.frame = frame(endpoint, system.isPresent(), options.schema());
    }

    private static Frame frame(Endpoint endpoint, boolean system, Optional<ResponseSchema> schema) {
        return switch (endpoint) {
            case CHAT ->
                    new Frame(
                            "\"messages\":[{\"role\":\"system\",\"content\":\"",
                            system
                                    ? "\"},{\"role\":\"user\",\"content\":\""
                                    : "\"messages\":[{\"role\":\"user\",\"content\":\"",
                            "\"}]" + schema.map(RowRequests::chatFormat).orElse("") + "}");
            case RESPONSES ->
                    new Frame(
                            "\"instructions\":\"",
                            system ? "\",\"input\":\"" : "\"input\":\"",
                            "\"" + schema.map(RowRequests::responsesFormat).orElse("") + "}");
            case MESSAGES ->
                    new Frame(
                            MESSAGES_LIMIT + "\"system\":\"",
                            (system ? "\"," : MESSAGES_LIMIT)
                                    + "\"messages\":[{\"role\":\"user\",\"content\":\"",
                            "\"}]" + schema.map(RowRequests::messagesFormat).orElse("") + "}");
            case GENERATE_CONTENT ->
                    new Frame(
                            "\"systemInstruction\":{\"parts\":[{\"text\":\"",
                            (system ? "\"}]}," : "")
                                    + "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"",
                            "\"}]}]" + schema.map(RowRequests::geminiFormat).orElse("") + "}");
            case EMBED_CONTENT -> new Frame("", "\"content\":{\"parts\":[{\"text\":\"", "\"}]}}");
            case EMBEDDINGS, MODERATIONS -> new Frame("", "\"input\":\"", "\"}");
            case COMPLETIONS, IMAGES -> new Frame("", "\"prompt\":\"", "\"}");
            case SCORE, RERANK, IMAGE_EDITS ->
                    throw new InputException(
                            "A row can't be made into a request for %s, which needs more than a prompt. Give requests with their own body."
                                    .formatted(endpoint.path()));
        };
    }

    private static String messagesFormat(ResponseSchema schema) {
        return ",\"output_config\":{\"format\":%s}".formatted(schema.messagesFormat());
    }

    private static String chatFormat(ResponseSchema schema) {
        return ",\"response_format\":%s".formatted(schema.chatFormat());
    }

    private static String responsesFormat(ResponseSchema schema) {
        return ",\"text\":{\"format\":%s}".formatted(schema.responsesFormat());
    }

    private static String geminiFormat(ResponseSchema schema) {
        return ",\"generationConfig\":{\"responseMimeType\":\"application/json\",\"responseJsonSchema\":%s}"
                .formatted(schema.schema());
    }

    Endpoint endpoint() {
        return endpoint;
    }

    Template prompt() {
        return prompt;
    }

    Optional<Template> system() {
        return system;
    }

    /**
     * The body; empty where the prompt comes to nothing but blanks.
     *
     * @param model empty: none is named
     */
    Optional<RawJson> body(Template.Row row, String model) {
        buffer.clear();
        buffer.raw("{");
        if (!model.isEmpty() && !endpoint.modelInPath()) {
            buffer.raw("\"model\":").quoted(model).raw(",");
        }
        if (system.isPresent()) {
            buffer.raw(frame.beforeSystem());
            system.get().render(row, buffer);
        }
        buffer.raw(frame.beforePrompt());
        int start = buffer.length();
        prompt.render(row, buffer);
        if (blank(start)) {
            return Optional.empty();
        }
        return Optional.of(buffer.raw(frame.afterPrompt()).json());
    }

    private boolean blank(int start) {
        byte[] text = buffer.bytes();
        for (int i = start; i < buffer.length(); i++) {
            boolean escapedBlank =
                    text[i] == '\\'
                            && i + 1 < buffer.length()
                            && (text[i + 1] == 'n' || text[i + 1] == 'r' || text[i + 1] == 't');
            if (escapedBlank) {
                i++;
            } else if (text[i] != ' ') {
                return false;
            }
        }
        return true;
    }
}
