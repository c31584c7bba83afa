package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.BatchView;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.Header;

import java.util.List;
import java.util.Optional;

/**
 * The successes of a batch as far as there are any, from behind the lines that the client has, with
 * two headers: whether more will come, and with which line they end by now.
 */
record GrowingOutput(BatchEngine engine) {
    Optional<BatchReply> ofBatch(String id, Arrival head) {
        String skip = head.parameter("skip");
        long from = skip.matches("\\d{1,9}") ? Long.parseLong(skip) : 0;
        return engine.partial(id, from).map(partial -> reply(partial, from));
    }

    /** By the id of the output file, which a batch has from the start. */
    Optional<BatchReply> ofFile(String id, Arrival head) {
        return engine.newestFirst().stream()
                .filter(view -> view.order().results().outputId().equals(id))
                .findFirst()
                .flatMap(view -> ofBatch(view.id(), head));
    }

    private static BatchReply reply(BatchView.Partial partial, long from) {
        return BatchReply.download(
                "application/x-ndjson",
                List.of(
                        new Header("x-incomplete", "" + !partial.complete()),
                        new Header("x-last-line", "" + Math.max(from, partial.rows()))),
                partial.content());
    }
}
