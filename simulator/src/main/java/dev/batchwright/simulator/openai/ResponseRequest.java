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
 * A request of the responses API.
 *
 * @param body the whole request: answers repeat much of it
 * @param maxTokens {@link Long#MAX_VALUE} where none is given
 * @param tool the function that the request forces to be called
 */
record ResponseRequest(
        RequestHash hash,
        JsonNode body,
        String model,
        String answered,
        String echo,
        long promptTokens,
        long maxTokens,
        OutputFormat format,
        Optional<JsonNode> tool)
        implements Work {
    static Intake read(JsonNode body, RequestHash hash, Profile profile) {
        Checks checks =
                Checks.of(body)
                        .model(profile)
                        .required("input")
                        .stringOrArray("input")
                        .notEmpty("input")
                        .integer("max_output_tokens", 16, Integer.MAX_VALUE)
                        .number("temperature", 0, 2)
                        .number("top_p", 0, 1)
                        .flag("stream")
                        .unsupported(
                                "max_tokens",
                                given -> false,
                                "Unsupported parameter: 'max_tokens'. In the Responses API, this"
                                        + " parameter has moved to 'max_output_tokens'.",
                                "unsupported_parameter");
        ReasoningModels.check(checks, body);
        if (checks.problem().isPresent()) {
            return new Intake.Refused(checks.problem().get());
        }
        JsonNode input = body.path("input");
        long bytes =
                Tokens.utf8Length(Content.text(body.path("instructions")))
                        + (input.isString()
                                ? Tokens.utf8Length(input.asString())
                                : Content.bytes(input));
        String model = body.path("model").asString();
        JsonNode format = body.path("text").path("format");
        return new Intake.Ready(
                new ResponseRequest(
                        hash,
                        body,
                        model,
                        profile.answered(model),
                        Echo.of(input.isString() ? input.asString() : Content.lastUserText(input)),
                        Tokens.ofBytes(bytes),
                        body.path("max_output_tokens").asLong(Long.MAX_VALUE),
                        OutputFormat.of(format, format.path("schema"), profile.broken()),
                        ForcedTool.of(body)));
    }

    @Override
    public long maxOutputTokens() {
        return maxTokens == Long.MAX_VALUE ? 0 : maxTokens;
    }

    @Override
    public Answer run() {
        Draft whole =
                tool.isPresent()
                        ? Draft.of(SchemaDocument.fit(ForcedTool.parameters(tool.get()), echo))
                        : format.write(echo, hash);
        Completion completion = Completion.of(whole, maxTokens);
        var answer = new ResponseAnswer(this, completion);
        return new Answer(
                body.path("stream").asBoolean(false)
                        ? Profile.events(hash, new ResponseStream(answer).events())
                        : Profile.json(hash, answer.json()),
                promptTokens,
                completion.tokens());
    }
}
