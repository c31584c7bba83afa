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

/**
 * What executes the requests of a batch. Only here is it looked at what is inside of them.
 *
 * @param version of the API in which the batch was created
 */
record BatchedMessage(Catalog catalog, Lane lane, String version) implements Endpoint {
    @Override
    public String method() {
        return "POST";
    }

    /** That of the live call: the same request is the same, whichever way it travels. */
    @Override
    public String canonicalPath() {
        return "/v1/messages";
    }

    @Override
    public boolean metered() {
        return true;
    }

    @Override
    public Intake read(Arrival arrival, RequestHash hash) {
        Optional<JsonNode> params = Json.read(arrival.body()).filter(JsonNode::isObject);
        if (params.isEmpty()) {
            return new Intake.Refused(
                    Refusal.of(Reason.BAD_REQUEST, 400, "params: Input should be an object"));
        }
        return VersionHeader.removed(version, params.get())
                .<Intake>map(Intake.Refused::new)
                .orElseGet(() -> MessageRequest.read(params.get(), hash, catalog, lane));
    }
}
