package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Prepared;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import tools.jackson.databind.JsonNode;

/** Counts what contents, or a whole request, would cost to read. Free of charge. */
final class TokenCount {
    private TokenCount() {}

    static Intake read(String model, JsonNode body, Catalog catalog) {
        if (!catalog.knows(model)) {
            return new Intake.Refused(Catalog.unknown(model, "countTokens"));
        }
        JsonNode whole = body.path("generateContentRequest");
        JsonNode counted = whole.isObject() ? whole : body;
        if (counted.path("contents").isEmpty()) {
            return new Intake.Refused(
                    Refusal.of(
                            Reason.BAD_REQUEST,
                            400,
                            "* CountTokensRequest.contents: contents is not specified\n"));
        }
        long tokens = Prompt.tokens(counted.path("systemInstruction"), counted.path("contents"));
        byte[] answer =
                Json.write(
                        json -> {
                            json.writeStartObject();
                            GenerateAnswer.unlessZero(json, "totalTokens", tokens);
                            if (tokens > 0) {
                                GenerateAnswer.details(json, tokens);
                            }
                            json.writeEndObject();
                        });
        return Prepared.free(Reply.json(200, answer));
    }
}
