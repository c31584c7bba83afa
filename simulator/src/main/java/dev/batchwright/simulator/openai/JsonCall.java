package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.databind.JsonNode;

import java.util.Optional;

/** An endpoint that takes a JSON object by POST, and is paid. */
record JsonCall(String canonicalPath, Reader reader) implements Endpoint {
    static final Refusal NO_JSON =
            Refusal.of(
                    Reason.BAD_REQUEST,
                    400,
                    "We could not parse the JSON body of your request. (HINT: This likely means you"
                            + " aren't using your HTTP library correctly. The OpenAI API expects a"
                            + " JSON payload, but what was sent was not valid JSON.)");

    /** Makes work of an object, or says why not. */
    interface Reader {
        Intake read(JsonNode body, RequestHash hash);
    }

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
        Optional<JsonNode> body = Json.read(arrival.body()).filter(JsonNode::isObject);
        return body.isPresent() ? reader.read(body.get(), hash) : new Intake.Refused(NO_JSON);
    }
}
