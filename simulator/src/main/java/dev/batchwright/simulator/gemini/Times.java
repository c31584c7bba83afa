package dev.batchwright.simulator.gemini;

import tools.jackson.core.JsonGenerator;

import java.time.Instant;

/** Times as the API writes them: UTC, with as many digits of the second as there are. */
final class Times {
    private Times() {}

    static void write(JsonGenerator json, String name, Instant at) {
        json.writeStringProperty(name, at.toString());
    }
}
