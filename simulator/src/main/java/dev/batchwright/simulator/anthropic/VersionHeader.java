package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import tools.jackson.databind.JsonNode;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The header that every call must carry. */
final class VersionHeader {
    private static final String NAME = "anthropic-version";

    /** What the SDKs of late 2026 send. */
    private static final String WITHOUT_SAMPLING = "2026-10-21";

    private static final Set<String> VERSIONS =
            Set.of("2023-01-01", "2023-06-01", WITHOUT_SAMPLING);

    private VersionHeader() {}

    static Optional<Refusal> problem(Arrival arrival) {
        String version = arrival.header(NAME);
        if (version.isEmpty()) {
            return refused(NAME + ": header is required");
        }
        return VERSIONS.contains(version)
                ? Optional.empty()
                : refused("%s: \"%s\" is not a valid version".formatted(NAME, version));
    }

    /** The version that a call asks for, or "". */
    static String of(Arrival arrival) {
        return arrival.header(NAME);
    }

    /** The refusal of a message with parameters that its version has no more. */
    static Optional<Refusal> removed(String version, JsonNode body) {
        if (version.equals(WITHOUT_SAMPLING)) {
            for (String parameter : List.of("temperature", "top_p", "top_k")) {
                if (body.has(parameter)) {
                    return refused(parameter + ": Extra inputs are not permitted");
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Refusal> refused(String message) {
        return Optional.of(Refusal.of(Reason.BAD_REQUEST, 400, message));
    }
}
