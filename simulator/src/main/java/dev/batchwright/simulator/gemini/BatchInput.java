package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.batch.Inspection;
import dev.batchwright.simulator.batch.Problem;
import dev.batchwright.simulator.batch.RowCursor;
import dev.batchwright.simulator.batch.RowFile;
import dev.batchwright.simulator.model.Tokens;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.RawObject;

import tools.jackson.databind.node.JsonNodeFactory;

import java.util.List;
import java.util.Optional;

/** The requests of a batch, seen before any of them is executed. */
final class BatchInput {
    private BatchInput() {}

    /**
     * Looks through a file. Only what is no object at all makes the whole batch fail.
     *
     * @param most requests; 0: as many as there are
     */
    static Inspection inspect(RowFile rows, String model, long most) {
        long tokens = 0;
        try (var lines = RowCursor.over(List.of(rows))) {
            while (lines.next()) {
                if (RawObject.read(lines.buffer(), lines.start(), lines.length()).isEmpty()) {
                    return failed(
                            lines.row(),
                            model,
                            "Failed to parse line %d of the input file: it is not a JSON object."
                                    .formatted(lines.line()));
                }
                tokens += Tokens.ofBytes(lines.length());
            }
            if (lines.row() == 0) {
                return failed(0, model, "The input file has no requests.");
            }
            if (most > 0 && lines.row() > most) {
                return failed(
                        lines.row(),
                        model,
                        "The input has %d requests, the limit is %d.".formatted(lines.row(), most));
            }
            return new Inspection(lines.row(), tokens, model, List.of());
        }
    }

    private static Inspection failed(long rows, String model, String message) {
        return new Inspection(rows, 0, model, List.of(Problem.of("3", message)));
    }

    /** What is wrong with inline requests: they are read with the call that brings them. */
    static Optional<ProtoJson.Wrong> wrong(RowFile rows, BatchKind kind) {
        String type = kind == BatchKind.GENERATE ? "InlinedRequest" : "InlinedEmbedContentRequest";
        try (var requests = RowCursor.over(List.of(rows))) {
            while (requests.next()) {
                byte[] raw = new byte[requests.length()];
                System.arraycopy(requests.buffer(), requests.start(), raw, 0, raw.length);
                var proto = new ProtoJson();
                proto.read(type, Json.read(raw).orElseGet(JsonNodeFactory.instance::missingNode));
                if (proto.wrong().isPresent()) {
                    return proto.wrong();
                }
            }
        }
        return Optional.empty();
    }
}
