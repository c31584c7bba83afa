package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Completion;
import dev.batchwright.simulator.model.Draft;
import dev.batchwright.simulator.model.Echo;
import dev.batchwright.simulator.model.SchemaDocument;
import dev.batchwright.simulator.model.Tokens;
import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.RequestHash;
import dev.batchwright.simulator.wire.Work;

import tools.jackson.databind.JsonNode;

import java.util.Optional;

/**
 * A chat completion.
 *
 * @param answered the model as the answer names it
 * @param echo what there is to say
 * @param maxTokens the limit of one choice, {@link Long#MAX_VALUE} where none is given
 * @param tool the function that the request forces to be called
 */
record ChatRequest(
        RequestHash hash,
        String model,
        String answered,
        String echo,
        long promptTokens,
        long maxTokens,
        int choices,
        OutputFormat format,
        Optional<JsonNode> tool,
        boolean toolByName,
        boolean streamed,
        boolean includeUsage,
        boolean obfuscated,
        String tier)
        implements Work {
    static Intake read(JsonNode body, RequestHash hash, Profile profile) {
        Checks checks =
                Checks.of(body)
                        .model(profile)
                        .required("messages")
                        .array("messages")
                        .notEmpty("messages")
                        .integer("max_tokens", 1, Integer.MAX_VALUE)
                        .integer("max_completion_tokens", 1, Integer.MAX_VALUE)
                        .integer("n", 1, 128)
                        .number("temperature", 0, 2)
                        .number("top_p", 0, 1)
                        .flag("stream");
        checkMessages(checks, body.path("messages"));
        ReasoningModels.check(checks, body);
        if (checks.problem().isPresent()) {
            return new Intake.Refused(checks.problem().get());
        }
        String model = body.path("model").asString();
        JsonNode messages = body.path("messages");
        JsonNode format = body.path("response_format");
        Optional<JsonNode> tool = ForcedTool.of(body);
        return new Intake.Ready(
                new ChatRequest(
                        hash,
                        model,
                        profile.answered(model),
                        Echo.of(Content.lastUserText(messages)),
                        Tokens.ofBytes(Content.bytes(messages)),
                        body.path("max_completion_tokens")
                                .asLong(body.path("max_tokens").asLong(Long.MAX_VALUE)),
                        body.path("n").asInt(1),
                        OutputFormat.of(
                                format,
                                format.path("json_schema").path("schema"),
                                profile.broken()),
                        tool,
                        body.path("tool_choice").isObject(),
                        body.path("stream").asBoolean(false),
                        body.path("stream_options").path("include_usage").asBoolean(false),
                        body.path("stream_options").path("include_obfuscation").asBoolean(true),
                        tier(body)));
    }

    private static void checkMessages(Checks checks, JsonNode messages) {
        for (int i = 0; i < messages.size() && checks.problem().isEmpty(); i++) {
            if (!messages.path(i).isObject()) {
                checks.fail(
                        "Invalid type for 'messages[%d]': expected an object.".formatted(i),
                        "messages[%d]".formatted(i),
                        "invalid_type");
            } else if (!messages.path(i).path("role").isString()) {
                checks.fail(
                        "Missing required parameter: 'messages[%d].role'.".formatted(i),
                        "messages[%d].role".formatted(i),
                        "missing_required_parameter");
            }
        }
    }

    static String tier(JsonNode body) {
        String asked = body.path("service_tier").asString("auto");
        return asked.equals("flex") || asked.equals("priority") ? asked : "default";
    }

    @Override
    public long maxOutputTokens() {
        return maxTokens == Long.MAX_VALUE ? 0 : maxTokens * choices;
    }

    @Override
    public Answer run() {
        Draft whole =
                tool.isPresent()
                        ? Draft.of(SchemaDocument.fit(ForcedTool.parameters(tool.get()), echo))
                        : format.write(echo, hash);
        Completion completion = Completion.of(whole, maxTokens);
        var answer = new ChatAnswer(this, completion);
        return new Answer(
                streamed
                        ? Profile.events(hash, new ChatStream(answer).events())
                        : Profile.json(hash, answer.json()),
                promptTokens,
                completion.tokens() * choices);
    }
}
