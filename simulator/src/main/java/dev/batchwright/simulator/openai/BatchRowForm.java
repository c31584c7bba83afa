package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.batch.Row;
import dev.batchwright.simulator.batch.RowEnd;
import dev.batchwright.simulator.batch.RowForm;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.RawObject;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * OpenAI's lines of result files.
 *
 * @param endpoint executes every row of the batch
 */
record BatchRowForm(Endpoint endpoint) implements RowForm {
    private static final String START = "{\"id\":\"batch_req_";
    private static final String CUSTOM_ID = "\",\"custom_id\":";
    private static final String STATUS = ",\"response\":{\"status_code\":";
    private static final String REQUEST = ",\"request_id\":\"";
    private static final String BODY = "\",\"body\":";
    private static final String END = "},\"error\":null}\n";

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
        return ErrorBody.of(refusal);
    }

    @Override
    public boolean partsFailures() {
        return true;
    }

    @Override
    public void write(OutputStream out, String id, Row row, RowEnd end) throws IOException {
        text(out, START);
        text(out, id);
        text(out, CUSTOM_ID);
        out.write(row.customId());
        switch (end) {
            case RowEnd.Answered(String request, int status, byte[] body) -> {
                text(out, STATUS);
                text(out, Integer.toString(status));
                text(out, REQUEST);
                text(out, request);
                text(out, BODY);
                out.write(body);
                text(out, END);
            }
            case RowEnd.Expired() ->
                    unrun(
                            out,
                            "batch_expired",
                            "This request could not be executed before the completion window"
                                    + " expired.");
            case RowEnd.Cancelled() ->
                    unrun(
                            out,
                            "batch_cancelled",
                            "This request was not executed because the batch was cancelled.");
        }
    }

    private static void unrun(OutputStream out, String code, String message) throws IOException {
        text(
                out,
                ",\"response\":null,\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}\n"
                        .formatted(code, message));
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
