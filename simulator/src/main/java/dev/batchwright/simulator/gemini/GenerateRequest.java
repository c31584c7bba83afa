package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.model.BrokenAnswers;
import dev.batchwright.simulator.model.Draft;
import dev.batchwright.simulator.model.Echo;
import dev.batchwright.simulator.model.SchemaDocument;
import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.RequestHash;
import dev.batchwright.simulator.wire.Work;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Content that is asked for.
 *
 * @param answered the model as the answer names it
 * @param body the request, with lowerCamelCase names
 * @param broken which answers by a schema are broken
 * @param delivery how the answer goes over the connection
 */
record GenerateRequest(
        RequestHash hash,
        String model,
        String answered,
        JsonNode body,
        long promptTokens,
        BrokenAnswers broken,
        Delivery delivery)
        implements Work {
    /** The wish for a certain end, in the text of the user. */
    private static final Pattern WISH = Pattern.compile("simulator:(block|finish)=([A-Z_]+)");

    /** As one object, or piece by piece. */
    enum Delivery {
        WHOLE,
        EVENTS,
        ARRAY
    }

    /**
     * Checks a request.
     *
     * @param request what {@link ProtoJson} made of it
     */
    static Intake read(
            String model, JsonNode request, RequestHash hash, Catalog catalog, Delivery delivery) {
        if (!catalog.knows(model)) {
            return new Intake.Refused(Catalog.unknown(model, "generateContent"));
        }
        Optional<Refusal> problem = RequestChecks.of(request);
        if (problem.isPresent()) {
            return new Intake.Refused(problem.get());
        }
        return new Intake.Ready(
                new GenerateRequest(
                        hash,
                        model,
                        catalog.answered(model),
                        request,
                        Prompt.tokens(request.path("systemInstruction"), request.path("contents")),
                        catalog.broken(),
                        delivery));
    }

    JsonNode config() {
        return body.path("generationConfig");
    }

    private long limit() {
        return config().path("maxOutputTokens").asLong(Long.MAX_VALUE);
    }

    int candidates() {
        return config().path("candidateCount").asInt(1);
    }

    @Override
    public long maxOutputTokens() {
        return limit() == Long.MAX_VALUE ? 0 : limit() * candidates();
    }

    @Override
    public Answer run() {
        Written written = written();
        var answer = new GenerateAnswer(this, written);
        return new Answer(
                answer.reply(), promptTokens, written.thoughtTokens() + answer.candidateTokens());
    }

    Written written() {
        String asked = Prompt.lastUserText(body.path("contents"));
        Matcher wish = WISH.matcher(asked);
        if (wish.find()) {
            return wish.group(1).equals("block")
                    ? Written.blocked(wish.group(2))
                    : Written.unfinished(wish.group(2));
        }
        String echo = Echo.of(asked);
        Optional<ForcedFunction> function = ForcedFunction.of(body);
        return function.isPresent()
                ? Written.call(function.get(), echo, thought(), limit())
                : Written.text(whole(echo), config().path("stopSequences"), thought(), limit());
    }

    private Draft whole(String echo) {
        JsonNode config = config();
        if (config.has("responseJsonSchema")) {
            return broken.draft(config.path("responseJsonSchema"), echo, hash);
        }
        if (config.has("responseSchema")) {
            JsonNode schema = OpenApiSchema.toJsonSchema(config.path("responseSchema"));
            return config.path("responseMimeType").asString("").equals("text/x.enum")
                    ? Draft.of(SchemaDocument.fit(schema, echo).replace("\"", ""))
                    : broken.draft(schema, echo, hash);
        }
        return Draft.of(
                config.path("responseMimeType").asString("").equals("application/json")
                        ? new String(
                                Json.write(
                                        json -> {
                                            json.writeStartObject();
                                            json.writeStringProperty("echo", echo);
                                            json.writeEndObject();
                                        }),
                                StandardCharsets.UTF_8)
                        : echo);
    }

    private String thought() {
        JsonNode thinking = config().path("thinkingConfig");
        boolean on =
                thinking.path("thinkingBudget").asInt(0) != 0
                        || thinking.has("thinkingLevel")
                        || thinking.path("includeThoughts").asBoolean(false);
        return on ? Written.THOUGHT : "";
    }

    boolean showsThoughts() {
        return config().path("thinkingConfig").path("includeThoughts").asBoolean(false);
    }
}
