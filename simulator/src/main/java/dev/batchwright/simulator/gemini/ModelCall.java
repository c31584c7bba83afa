package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Optional;

/**
 * A method of a model, called by POST.
 *
 * @param type the message that it takes, by its name in the description
 */
record ModelCall(String canonicalPath, boolean metered, String type, Reader reader)
        implements Endpoint {
    /** Makes work of a message, or says why not. */
    interface Reader {
        Intake read(JsonNode message, Arrival arrival, RequestHash hash);
    }

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public Intake read(Arrival arrival, RequestHash hash) {
        Optional<JsonNode> body = Json.read(arrival.body());
        if (body.isEmpty()) {
            return new Intake.Refused(
                    Refusal.of(
                            Reason.BAD_REQUEST,
                            400,
                            "Invalid JSON payload received. Expected a value."));
        }
        var proto = new ProtoJson();
        ObjectNode message = proto.read(type, body.get());
        return proto.wrong().isPresent()
                ? new Intake.Refused(refusal(proto.wrong().get()))
                : reader.read(message, arrival, hash);
    }

    static Refusal refusal(ProtoJson.Wrong wrong) {
        return new Refusal(Reason.BAD_REQUEST, 400, wrong.message(), wrong.place(), null);
    }
}
