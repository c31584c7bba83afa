package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.model.Tokens;
import dev.batchwright.simulator.model.Vectors;
import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Prepared;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Embeddings: vectors of length 1 that follow from each text's hash. */
record EmbedRequest(String text, int dimensions) {
    private static final int LARGEST = 3072;

    /** One embedding. */
    static Intake one(String model, JsonNode request, Catalog catalog) {
        Optional<Refusal> problem = problem("EmbedContentRequest", model, request, catalog);
        if (problem.isPresent()) {
            return new Intake.Refused(problem.get());
        }
        EmbedRequest embed = of(model, request);
        return ready(
                model,
                Tokens.of(embed.text),
                json -> {
                    json.writeName("embedding");
                    embed.embedding(json);
                });
    }

    /** Several at once; answered at once, unlike a batch. */
    static Intake several(String model, JsonNode body, Catalog catalog) {
        JsonNode requests = body.path("requests");
        var embeds = new ArrayList<EmbedRequest>();
        long tokens = 0;
        for (int i = 0; i < requests.size(); i++) {
            String place = "BatchEmbedContentsRequest.requests[" + i + "]";
            Optional<Refusal> problem = problem(place, model, requests.path(i), catalog);
            if (problem.isPresent()) {
                return new Intake.Refused(problem.get());
            }
            String named = requests.path(i).path("model").asString("");
            if (!named.equals("models/" + model)) {
                return refused(
                        "* %s.model: model must be the one of the batch, models/%s\n"
                                .formatted(place, model));
            }
            embeds.add(of(model, requests.path(i)));
            tokens += Tokens.of(embeds.getLast().text);
        }
        if (embeds.isEmpty()) {
            return refused("* BatchEmbedContentsRequest.requests: requests must not be empty\n");
        }
        List<EmbedRequest> all = List.copyOf(embeds);
        return ready(
                model,
                tokens,
                json -> {
                    json.writeArrayPropertyStart("embeddings");
                    all.forEach(embed -> embed.embedding(json));
                    json.writeEndArray();
                });
    }

    private static Intake ready(String model, long tokens, Members members) {
        byte[] body =
                Json.write(
                        json -> {
                            json.writeStartObject();
                            members.write(json);
                            json.writeEndObject();
                        });
        return new Intake.Ready(new Prepared(model, new Answer(Reply.json(200, body), tokens, 0)));
    }

    private interface Members {
        void write(JsonGenerator json);
    }

    private static EmbedRequest of(String model, JsonNode request) {
        int usual = model.startsWith("gemini-embedding") ? LARGEST : 768;
        return new EmbedRequest(
                Prompt.text(request.path("content")),
                request.path("outputDimensionality").asInt(usual));
    }

    private static Optional<Refusal> problem(
            String place, String model, JsonNode request, Catalog catalog) {
        if (!catalog.knows(model)) {
            return Optional.of(Catalog.unknown(model, "embedContent"));
        }
        if (request.path("content").path("parts").isEmpty()) {
            return Optional.of(
                    Refusal.of(
                            Reason.BAD_REQUEST,
                            400,
                            "* %s.content: contents is not specified\n".formatted(place)));
        }
        int dimensions = request.path("outputDimensionality").asInt(1);
        return dimensions < 1 || dimensions > LARGEST
                ? Optional.of(
                        Refusal.of(
                                Reason.BAD_REQUEST,
                                400,
                                "* %s.output_dimensionality: must be in the range [1, %d]\n"
                                        .formatted(place, LARGEST)))
                : Optional.empty();
    }

    private static Intake refused(String message) {
        return new Intake.Refused(Refusal.of(Reason.BAD_REQUEST, 400, message));
    }

    private void embedding(JsonGenerator json) {
        json.writeStartObject();
        json.writeArrayPropertyStart("values");
        for (float value : Vectors.embedding(text, dimensions)) {
            json.writeNumber(value);
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
