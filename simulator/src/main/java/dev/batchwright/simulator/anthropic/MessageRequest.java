package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.model.BrokenAnswers;
import dev.batchwright.simulator.model.Draft;
import dev.batchwright.simulator.model.Echo;
import dev.batchwright.simulator.model.SchemaDocument;
import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.RequestHash;
import dev.batchwright.simulator.wire.Work;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A message that is asked for.
 *
 * @param answered the model as the answer names it
 * @param echo what there is to say
 * @param tool the tool that the request forces to be used
 * @param schema what the text has to fit
 * @param broken which texts are not to fit
 */
record MessageRequest(
        RequestHash hash,
        Lane lane,
        String model,
        String answered,
        String echo,
        Prompt prompt,
        long maxTokens,
        List<String> stops,
        Optional<JsonNode> tool,
        Optional<JsonNode> schema,
        BrokenAnswers broken,
        boolean thinks,
        boolean refused,
        boolean streamed)
        implements Work {
    private static final String REFUSAL = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL";

    static Intake read(JsonNode body, RequestHash hash, Catalog catalog, Lane lane) {
        Optional<Refusal> problem = RequestChecks.ofMessage(body, catalog, lane);
        if (problem.isPresent()) {
            return new Intake.Refused(problem.get());
        }
        var stops = new ArrayList<String>();
        body.path("stop_sequences").forEach(stop -> stops.add(stop.asString()));
        String model = body.path("model").asString();
        String asked = Prompt.lastUserText(body.path("messages"));
        String thinking = body.path("thinking").path("type").asString("disabled");
        JsonNode schema = OutputFormat.wish(body).path("schema");
        return new Intake.Ready(
                new MessageRequest(
                        hash,
                        lane,
                        model,
                        catalog.answered(model),
                        Echo.of(asked),
                        Prompt.of(body),
                        body.path("max_tokens").asLong(),
                        List.copyOf(stops),
                        ForcedTool.of(body),
                        schema.isObject() ? Optional.of(schema) : Optional.empty(),
                        catalog.broken(),
                        !thinking.equals("disabled"),
                        asked.contains(REFUSAL),
                        body.path("stream").asBoolean(false)));
    }

    @Override
    public long promptTokens() {
        return prompt.tokens();
    }

    @Override
    public long maxOutputTokens() {
        return maxTokens;
    }

    /** What the model writes, before any limit cuts it. */
    Draft whole() {
        if (tool.isPresent()) {
            return Draft.of(SchemaDocument.fit(tool.get().path("input_schema"), echo));
        }
        return schema.map(wanted -> broken.draft(wanted, echo, hash)).orElse(Draft.of(echo));
    }

    /** The message, whether or not it was asked for as a stream. */
    Written written() {
        return Written.of(this);
    }

    @Override
    public Answer run() {
        Written written = written();
        var message = new MessageAnswer(this, written);
        Reply reply =
                streamed
                        ? new Reply(
                                200,
                                Reply.EVENTS,
                                headers(hash),
                                new MessageStream(message).events(),
                                true)
                        : Reply.json(200, message.json()).with(headers(hash));
        return new Answer(reply, prompt.tokens(), written.tokens());
    }

    /** What Anthropic adds to every answer. */
    static List<Header> headers(RequestHash hash) {
        return List.of(
                new Header("request-id", "req_" + hash.hex(24)),
                new Header("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"));
    }
}
