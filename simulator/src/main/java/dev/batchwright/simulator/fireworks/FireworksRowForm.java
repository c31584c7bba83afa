package dev.batchwright.simulator.fireworks;

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
 * Fireworks' lines: requests without a model, answers without a wrapper. Those that were not run
 * are in no file.
 *
 * @param model the job's
 */
record FireworksRowForm(Endpoint endpoint, String model) implements RowForm {
    @Override
    public Row read(byte[] buffer, int start, int length) {
        BatchLine line = BatchLine.read(buffer, start, length).orElseThrow();
        return new Row(line.rawId(), endpoint, line.bodyFor(model));
    }

    @Override
    public Reply refusal(Refusal refusal) {
        return FireworksError.ofRow(refusal);
    }

    @Override
    public boolean partsFailures() {
        return true;
    }

    @Override
    public void write(OutputStream out, String id, Row row, RowEnd end) throws IOException {
        if (!(end instanceof RowEnd.Answered answered)) {
            return;
        }
        text(out, "{\"custom_id\": ");
        out.write(row.customId());
        if (answered.good()) {
            text(out, ", \"response\": ");
            out.write(answered.body());
        } else {
            text(out, ", \"error\": ");
            text(out, JsonMapper.shared().readTree(answered.body()).path("error").toString());
        }
        text(out, "}\n");
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
