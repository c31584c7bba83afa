package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.batch.Row;
import dev.batchwright.simulator.batch.RowEnd;
import dev.batchwright.simulator.batch.RowForm;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.RawObject;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The requests of a batch, and its results: all in one stream, whatever became of them.
 *
 * @param endpoint executes every request
 */
record ResultForm(Endpoint endpoint) implements RowForm {
    @Override
    public Row read(byte[] buffer, int start, int length) {
        RawObject request = RawObject.ofValid(buffer, start, length);
        return new Row(
                request.member("custom_id").orElseThrow(),
                endpoint,
                request.member("params").orElseThrow());
    }

    @Override
    public Reply refusal(Refusal refusal) {
        return Reply.json(refusal.status(), Json.write(json -> ErrorBody.inRow(json, refusal)));
    }

    @Override
    public boolean partsFailures() {
        return false;
    }

    @Override
    public void write(OutputStream out, String id, Row row, RowEnd end) throws IOException {
        text(out, "{\"custom_id\":");
        out.write(row.customId());
        switch (end) {
            case RowEnd.Answered answered when answered.good() ->
                    answered(out, "succeeded", "message", answered.body());
            case RowEnd.Answered answered -> answered(out, "errored", "error", answered.body());
            case RowEnd.Expired() -> text(out, ",\"result\":{\"type\":\"expired\"}}\n");
            case RowEnd.Cancelled() -> text(out, ",\"result\":{\"type\":\"canceled\"}}\n");
        }
    }

    private static void answered(OutputStream out, String type, String member, byte[] body)
            throws IOException {
        text(out, ",\"result\":{\"type\":\"" + type + "\",\"" + member + "\":");
        out.write(body);
        text(out, "}}\n");
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
