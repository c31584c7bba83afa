package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What executes the requests of a batch: the live method, with the words that are used for files.
 *
 * @param canonicalPath that of the live call: the same request is the same, whichever way it
 *     travels
 */
record RowCall(String canonicalPath, String type, ModelCall.Reader reader) implements Endpoint {
    @Override
    public String method() {
        return "POST";
    }

    @Override
    public boolean metered() {
        return true;
    }

    @Override
    public Intake read(Arrival arrival, RequestHash hash) {
        JsonNode request =
                Json.read(arrival.body()).orElseGet(JsonNodeFactory.instance::missingNode);
        var proto = new ProtoJson();
        ObjectNode message = proto.read(type, request);
        return proto.wrong().isPresent()
                ? new Intake.Refused(
                        Refusal.of(Reason.BAD_REQUEST, 400, proto.wrong().get().messageInFile()))
                : reader.read(message, arrival, hash);
    }
}
