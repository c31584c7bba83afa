package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Vectors;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Score and rerank as vLLM has them: OpenAI's own API has neither. */
final class Rankings {
    private Rankings() {}

    /** One text against each of several, or pairwise if both are as many. */
    static Intake score(JsonNode body, RequestHash hash, Profile profile) {
        Checks checks =
                Checks.of(body)
                        .model(profile)
                        .required("text_1")
                        .stringOrArray("text_1")
                        .notEmpty("text_1")
                        .required("text_2")
                        .stringOrArray("text_2")
                        .notEmpty("text_2");
        Texts left = Texts.of(body.path("text_1"));
        Texts right = Texts.of(body.path("text_2"));
        if (left.texts().size() > 1 && left.texts().size() != right.texts().size()) {
            checks.fail("'text_1' must be one text, or as many as 'text_2'.", "text_1", null);
        }
        if (checks.problem().isPresent()) {
            return new Intake.Refused(checks.problem().get());
        }
        String model = body.path("model").asString();
        long tokens = left.tokens() + right.tokens();
        return new Intake.Ready(
                Done.of(
                        hash,
                        model,
                        tokens,
                        json -> {
                            json.writeStringProperty("id", "score-" + hash.hex(32));
                            json.writeStringProperty("object", "list");
                            json.writeNumberProperty("created", Profile.created(hash));
                            json.writeStringProperty("model", profile.answered(model));
                            json.writeArrayPropertyStart("data");
                            for (int i = 0; i < right.texts().size(); i++) {
                                String first = left.texts().get(left.texts().size() == 1 ? 0 : i);
                                score(json, i, Vectors.score(first, right.texts().get(i)));
                            }
                            json.writeEndArray();
                            json.writeName("usage");
                            Usage.prompt(json, tokens);
                        }));
    }

    private static void score(JsonGenerator json, int index, double score) {
        json.writeStartObject();
        json.writeNumberProperty("index", index);
        json.writeStringProperty("object", "score");
        json.writeNumberProperty("score", score);
        json.writeEndObject();
    }

    private record Hit(int index, String document, double score) {}

    static Intake rerank(JsonNode body, RequestHash hash, Profile profile) {
        Checks checks =
                Checks.of(body)
                        .model(profile)
                        .required("query")
                        .string("query")
                        .required("documents")
                        .array("documents")
                        .notEmpty("documents")
                        .integer("top_n", 0, Integer.MAX_VALUE);
        if (checks.problem().isPresent()) {
            return new Intake.Refused(checks.problem().get());
        }
        String model = body.path("model").asString();
        Texts query = Texts.of(body.path("query"));
        Texts documents = Texts.of(body.path("documents"));
        int top = body.path("top_n").asInt(0);
        List<Hit> hits =
                IntStream.range(0, documents.texts().size())
                        .mapToObj(
                                i ->
                                        new Hit(
                                                i,
                                                documents.texts().get(i),
                                                Vectors.score(
                                                        query.texts().getFirst(),
                                                        documents.texts().get(i))))
                        .sorted(
                                Comparator.comparingDouble(Hit::score)
                                        .reversed()
                                        .thenComparingInt(Hit::index))
                        .limit(top == 0 ? Integer.MAX_VALUE : top)
                        .toList();
        long tokens = query.tokens() + documents.tokens();
        return new Intake.Ready(
                Done.of(
                        hash,
                        model,
                        tokens,
                        json -> {
                            json.writeStringProperty("id", "rerank-" + hash.hex(32));
                            json.writeStringProperty("model", profile.answered(model));
                            json.writeName("usage");
                            Usage.prompt(json, tokens);
                            json.writeArrayPropertyStart("results");
                            hits.forEach(hit -> hit(json, hit));
                            json.writeEndArray();
                        }));
    }

    private static void hit(JsonGenerator json, Hit hit) {
        json.writeStartObject();
        json.writeNumberProperty("index", hit.index());
        json.writeObjectPropertyStart("document");
        json.writeStringProperty("text", hit.document());
        json.writeEndObject();
        json.writeNumberProperty("relevance_score", hit.score());
        json.writeEndObject();
    }
}
