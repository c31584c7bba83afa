package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Completion;
import dev.batchwright.simulator.model.Echo;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;

/** The old completions. Without {@code max_tokens} the echo is not cut after 16 tokens. */
final class Completions {
    private Completions() {}

    static Intake read(JsonNode body, RequestHash hash, Profile profile) {
        Checks checks =
                Checks.of(body)
                        .model(profile)
                        .required("prompt")
                        .stringOrArray("prompt")
                        .notEmpty("prompt")
                        .integer("max_tokens", 0, Integer.MAX_VALUE)
                        .integer("n", 1, 128)
                        .number("temperature", 0, 2)
                        .unsupported(
                                "stream",
                                stream -> !stream.asBoolean(),
                                "Unsupported value: 'stream' does not support true here: the"
                                        + " simulator streams chat completions and responses.",
                                "unsupported_value");
        if (checks.problem().isPresent()) {
            return new Intake.Refused(checks.problem().get());
        }
        String model = body.path("model").asString();
        Texts prompts = Texts.of(body.path("prompt"));
        int n = body.path("n").asInt(1);
        long limit = body.path("max_tokens").asLong(Long.MAX_VALUE);
        List<Completion> completions = new ArrayList<>();
        for (String prompt : prompts.texts()) {
            for (int i = 0; i < n; i++) {
                completions.add(Completion.of(Echo.of(prompt), limit));
            }
        }
        long written = completions.stream().mapToLong(Completion::tokens).sum();
        return new Intake.Ready(
                new Done(
                        hash,
                        model,
                        prompts.tokens(),
                        limit == Long.MAX_VALUE ? 0 : limit * completions.size(),
                        written,
                        json -> {
                            json.writeStringProperty("id", "cmpl-" + hash.hex(29));
                            json.writeStringProperty("object", "text_completion");
                            json.writeNumberProperty("created", Profile.created(hash));
                            json.writeStringProperty("model", profile.answered(model));
                            json.writeArrayPropertyStart("choices");
                            for (int i = 0; i < completions.size(); i++) {
                                choice(json, i, completions.get(i));
                            }
                            json.writeEndArray();
                            json.writeName("usage");
                            Usage.completion(json, prompts.tokens(), written);
                        }));
    }

    private static void choice(JsonGenerator json, int index, Completion completion) {
        json.writeStartObject();
        json.writeStringProperty("text", completion.text());
        json.writeNumberProperty("index", index);
        json.writeNullProperty("logprobs");
        json.writeStringProperty("finish_reason", completion.cut() ? "length" : "stop");
        json.writeEndObject();
    }
}
