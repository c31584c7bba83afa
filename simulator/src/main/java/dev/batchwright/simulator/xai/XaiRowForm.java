package dev.batchwright.simulator.xai;

import dev.batchwright.simulator.batch.Row;
import dev.batchwright.simulator.batch.RowEnd;
import dev.batchwright.simulator.batch.RowForm;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.RawObject;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Results of xAI, as they stand in its pages: failures are plain texts, those not run are left out.
 */
record XaiRowForm(Endpoint endpoint) implements RowForm {
    @Override
    public Row read(byte[] buffer, int start, int length) {
        RawObject line = RawObject.ofValid(buffer, start, length);
        return new Row(
                line.member("custom_id").orElseThrow(),
                endpoint,
                line.member("body").orElseThrow());
    }

    @Override
    public Reply refusal(Refusal refusal) {
        return XaiBatches.error(refusal.status(), refusal.message());
    }

    @Override
    public boolean partsFailures() {
        return false;
    }

    @Override
    public void write(OutputStream out, String id, Row row, RowEnd end) throws IOException {
        if (!(end instanceof RowEnd.Answered answered)) {
            return;
        }
        text(out, "{\"batch_request_id\":");
        out.write(row.customId());
        text(out, ",\"batch_result\":");
        if (answered.good()) {
            text(out, "{\"response\":{\"chat_get_completion\":");
            out.write(answered.body());
            text(out, "}}}\n");
        } else {
            String why =
                    JsonMapper.shared().readTree(answered.body()).path("error").asString("failed");
            text(out, "{\"error\":" + JsonMapper.shared().writeValueAsString(why) + "}}\n");
        }
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
