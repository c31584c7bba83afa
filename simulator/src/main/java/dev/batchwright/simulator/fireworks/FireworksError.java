package dev.batchwright.simulator.fireworks;

import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import java.util.Optional;

/** How the part of Fireworks that has accounts refuses: gRPC's words, and for keys OpenAI's. */
final class FireworksError {
    private FireworksError() {}

    static BatchReply of(int status, String message) {
        return BatchReply.of(refusal(status, message));
    }

    static BatchReply notFound() {
        return of(404, "resource not found");
    }

    static Reply refusal(int status, String message) {
        return Reply.json(
                status,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeNumberProperty("code", code(status));
                            json.writeArrayPropertyStart("details");
                            json.writeEndArray();
                            json.writeStringProperty("message", message);
                            json.writeEndObject();
                        }));
    }

    private static int code(int status) {
        return switch (status) {
            case 400 -> 3;
            case 404 -> 5;
            case 409 -> 6;
            case 429 -> 8;
            case 503 -> 14;
            default -> 13;
        };
    }

    /** A wrong key is forbidden here, not unauthorized. */
    static Reply wrongKey() {
        return envelope(403, "The API key you provided is invalid.", Optional.of("UNAUTHORIZED"));
    }

    /** What a request of a batch that fails leaves. */
    static Reply ofRow(Refusal refusal) {
        return envelope(refusal.status(), refusal.message(), Optional.empty());
    }

    private static Reply envelope(int status, String message, Optional<String> code) {
        return Reply.json(
                status,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeObjectPropertyStart("error");
                            json.writeStringProperty("message", message);
                            json.writeNullProperty("param");
                            json.writeStringProperty("code", code.orElse("" + status));
                            json.writeStringProperty("type", "error");
                            json.writeEndObject();
                            json.writeEndObject();
                        }));
    }
}
