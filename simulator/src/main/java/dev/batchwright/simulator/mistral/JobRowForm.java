package dev.batchwright.simulator.mistral;

import dev.batchwright.simulator.batch.BatchLine;
import dev.batchwright.simulator.batch.Row;
import dev.batchwright.simulator.batch.RowEnd;
import dev.batchwright.simulator.batch.RowForm;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Mistral's lines: requests without method and url, and failures whose body is a text that holds
 * JSON.
 *
 * @param model of the rows that name none
 */
record JobRowForm(Endpoint endpoint, String model) implements RowForm {
    @Override
    public Row read(byte[] buffer, int start, int length) {
        BatchLine line = BatchLine.read(buffer, start, length).orElseThrow();
        return new Row(line.rawId(), endpoint, line.bodyFor(model));
    }

    @Override
    public Reply refusal(Refusal refusal) {
        return MistralError.of(refusal);
    }

    @Override
    public boolean partsFailures() {
        return true;
    }

    @Override
    public void write(OutputStream out, String id, Row row, RowEnd end) throws IOException {
        text(out, "{\"id\":\"batch-" + id + "\",\"custom_id\":");
        out.write(row.customId());
        switch (end) {
            case RowEnd.Answered answered -> answered(out, answered);
            case RowEnd.Expired() ->
                    text(out, ",\"response\":null,\"error\":{\"message\":\"Timeout exceeded\"}}\n");
            case RowEnd.Cancelled() ->
                    text(out, ",\"response\":null,\"error\":{\"message\":\"Cancelled\"}}\n");
        }
    }

    private static void answered(OutputStream out, RowEnd.Answered end) throws IOException {
        text(out, ",\"response\":{\"status_code\":" + end.status() + ",\"body\":");
        if (end.good()) {
            out.write(end.body());
        } else {
            String body = new String(end.body(), StandardCharsets.UTF_8);
            text(out, JsonMapper.shared().writeValueAsString(body));
        }
        text(out, "},\"error\":null}\n");
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
