package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.databind.JsonNode;

import java.util.Optional;

/** An endpoint that takes a JSON object by POST. */
record JsonCall(String canonicalPath, boolean metered, Reader reader) implements Endpoint {
    /** Makes work of an object, or says why not. */
    interface Reader {
        Intake read(JsonNode body, RequestHash hash);
    }

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public Intake read(Arrival arrival, RequestHash hash) {
        Optional<Refusal> unversioned = VersionHeader.problem(arrival);
        if (unversioned.isPresent()) {
            return new Intake.Refused(unversioned.get());
        }
        Optional<JsonNode> body = Json.read(arrival.body());
        if (body.isEmpty()) {
            return refused("The request body is not valid JSON: unexpected character or end");
        }
        if (!body.get().isObject()) {
            return refused("Input should be an object");
        }
        return VersionHeader.removed(VersionHeader.of(arrival), body.get())
                .<Intake>map(Intake.Refused::new)
                .orElseGet(() -> reader.read(body.get(), hash));
    }

    private static Intake refused(String message) {
        return new Intake.Refused(Refusal.of(Reason.BAD_REQUEST, 400, message));
    }
}
