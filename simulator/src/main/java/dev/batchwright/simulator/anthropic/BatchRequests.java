package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.batch.InlineRows;
import dev.batchwright.simulator.batch.RowCursor;
import dev.batchwright.simulator.batch.RowFile;
import dev.batchwright.simulator.model.Tokens;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.RawObject;
import dev.batchwright.simulator.wire.Refusal;

import tools.jackson.databind.JsonNode;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The body that creates a batch. What is wrong with it is found at once; then there is no batch.
 */
sealed interface BatchRequests {
    /** The ids that requests may have. */
    String CUSTOM_ID = "^[a-zA-Z0-9_-]{1,64}$";

    /** It can be executed: {@code count} requests of so many {@code tokens}, by estimate. */
    record Right(RowFile rows, long count, long tokens) implements BatchRequests {}

    record Wrong(Refusal refusal) implements BatchRequests {}

    /**
     * Reads a body.
     *
     * @param target where its requests go
     * @param most requests
     */
    static BatchRequests read(Payload body, Path target, long most) {
        Optional<InlineRows> cut = InlineRows.cut(body, "requests"::equals, target);
        var checks = new Checks();
        if (cut.isEmpty()) {
            checks.fail("The request body is not valid JSON: expected one object");
            return new Wrong(checks.problem().orElseThrow());
        }
        JsonNode rest = Json.read(cut.get().rest()).orElseThrow();
        checks.known("", rest, Set.of("requests"));
        checks.required("requests", rest.path("requests"));
        checks.list("requests", rest.path("requests"));
        long count = cut.get().count();
        if (count == 0) {
            checks.fail("requests: List should have at least 1 item after validation, not 0");
        }
        if (count > most) {
            checks.fail(
                    "requests: List should have at most %d items after validation, not %d"
                            .formatted(most, count));
        }
        long tokens = checks.fine() ? check(checks, cut.get().rows()) : 0;
        return checks.problem().isPresent()
                ? new Wrong(checks.problem().get())
                : new Right(cut.get().rows(), count, tokens);
    }

    private static long check(Checks checks, RowFile rows) {
        Set<String> ids = new HashSet<>();
        long tokens = 0;
        try (var cursor = RowCursor.over(List.of(rows))) {
            while (checks.fine() && cursor.next()) {
                Optional<RawObject> request =
                        RawObject.read(cursor.buffer(), cursor.start(), cursor.length());
                String place = "requests." + (cursor.row() - 1);
                if (request.isEmpty()) {
                    checks.fail(place + ": Input should be an object");
                } else {
                    request(checks, place, request.get(), ids);
                    tokens += Tokens.ofBytes(cursor.length());
                }
            }
        }
        return tokens;
    }

    private static void request(Checks checks, String place, RawObject request, Set<String> ids) {
        for (String name : request.members().keySet()) {
            if (!name.equals("custom_id") && !name.equals("params")) {
                checks.fail(place + "." + name + ": Extra inputs are not permitted");
            }
        }
        if (request.member("params").isEmpty()) {
            checks.fail(place + ".params: Field required");
        }
        Optional<JsonNode> given = request.member("custom_id").flatMap(Json::read);
        String name = place + ".custom_id";
        if (given.isEmpty()) {
            checks.fail(name + ": Field required");
            return;
        }
        checks.string(name, given.get());
        String id = given.get().asString("");
        if (id.length() > 64) {
            checks.fail(name + ": String should have at most 64 characters");
        } else if (!id.matches(CUSTOM_ID)) {
            checks.fail(name + ": String should match pattern '" + CUSTOM_ID + "'");
        } else if (!ids.add(id)) {
            checks.fail(
                    "requests: custom_id's must be unique within a batch. Duplicate custom_id"
                            + " found: "
                            + id);
        }
    }
}
