package dev.batchwright.simulator;

import dev.batchwright.simulator.fault.Span;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reply;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Holds calls for those who steer the simulator over HTTP: {@code POST /simulator/hold}, {@code GET
 * /simulator/held}, {@code POST /simulator/release}.
 */
record CheckpointDesk(Checkpoints checkpoints) {
    static final String HOLD = "/simulator/hold";
    static final String HELD = "/simulator/held";
    static final String RELEASE = "/simulator/release";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    static boolean knows(String path) {
        return path.equals(HOLD) || path.equals(HELD) || path.equals(RELEASE);
    }

    /** May wait. */
    Reply answer(Arrival arrival) {
        return switch (arrival.method() + " " + arrival.path()) {
            case "POST " + HOLD -> hold(arrival);
            case "GET " + HELD -> held(arrival);
            case "POST " + RELEASE -> {
                checkpoints.release();
                yield BillDesk.done();
            }
            default -> BillDesk.problem(405, "POST hold, GET held, POST release");
        };
    }

    private Reply hold(Arrival arrival) {
        JsonNode body = Json.read(arrival.body()).orElseGet(JsonNodeFactory.instance::objectNode);
        String at = body.path("at").asString("before");
        String[] match = body.path("match").asString("").split(" ", 2);
        long nth = body.path("nth").asLong(1);
        if (match.length != 2 || nth < 1 || !at.matches("before|after")) {
            return BillDesk.problem(
                    400, "{\"at\":\"before|after\",\"match\":\"POST /v1/batches\",\"nth\":1}");
        }
        try {
            var moment = Checkpoints.Moment.valueOf(at.toUpperCase(Locale.ROOT));
            checkpoints.hold(moment, match[0], Pattern.compile(match[1]), nth);
            return BillDesk.done();
        } catch (PatternSyntaxException e) {
            return BillDesk.problem(400, "match: " + e.getMessage());
        }
    }

    private Reply held(Arrival arrival) {
        String wait = arrival.parameter("wait");
        Duration patience;
        try {
            patience = wait.isEmpty() ? PATIENCE : Span.parse(wait);
        } catch (IllegalArgumentException e) {
            return BillDesk.problem(400, "wait: " + e.getMessage());
        }
        List<Checkpoints.Held> held = checkpoints.held(patience);
        return Reply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeArrayPropertyStart("held");
                            for (Checkpoints.Held call : held) {
                                json.writeStartObject();
                                json.writeStringProperty(
                                        "at", call.at().name().toLowerCase(Locale.ROOT));
                                json.writeStringProperty("method", call.method());
                                json.writeStringProperty("path", call.path());
                                json.writeEndObject();
                            }
                            json.writeEndArray();
                            json.writeEndObject();
                        }));
    }
}
