package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Prepared;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.databind.JsonNode;

import java.util.Optional;

/** Counts what a message would cost to read. Free of charge. */
final class TokenCount {
    private TokenCount() {}

    static Intake read(JsonNode body, RequestHash hash, Catalog catalog) {
        Optional<Refusal> problem = RequestChecks.ofCount(body, catalog);
        if (problem.isPresent()) {
            return new Intake.Refused(problem.get());
        }
        byte[] answer =
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeNumberProperty("input_tokens", Prompt.of(body).tokens());
                            json.writeEndObject();
                        });
        return Prepared.free(Reply.json(200, answer).with(MessageRequest.headers(hash)));
    }
}
