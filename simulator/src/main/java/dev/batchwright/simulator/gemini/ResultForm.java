package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.batch.Row;
import dev.batchwright.simulator.batch.RowEnd;
import dev.batchwright.simulator.batch.RowForm;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.RawObject;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import tools.jackson.core.JsonGenerator;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The requests of a batch and their results, one object each.
 *
 * @param name the member that names a request: {@code key} in files, {@code metadata} inline
 * @param named whether results have that member, too
 * @param endpoint executes every request
 */
record ResultForm(String name, boolean named, Endpoint endpoint) implements RowForm {
    static final String METADATA = "metadata";

    private static final byte[] NOTHING = new byte[0];
    private static final byte[] NO_REQUEST = "{}".getBytes(StandardCharsets.UTF_8);

    /** A request without a name is executed like any other; nobody will know whose result it is. */
    @Override
    public Row read(byte[] buffer, int start, int length) {
        RawObject row = RawObject.ofValid(buffer, start, length);
        return new Row(
                row.member(name).map(ResultForm::compact).orElse(NOTHING),
                endpoint,
                row.member("request").orElse(NO_REQUEST));
    }

    /** On one line: metadata may have been written on several. */
    private static byte[] compact(byte[] raw) {
        return Json.read(raw).orElseThrow().toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Reply refusal(Refusal refusal) {
        return Reply.json(
                refusal.status(),
                Json.write(
                        json ->
                                status(
                                        json,
                                        StatusBody.grpc(refusal),
                                        StatusBody.message(refusal, Optional.empty()))));
    }

    private static void status(JsonGenerator json, int code, String message) {
        json.writeStartObject();
        json.writeNumberProperty("code", code);
        json.writeStringProperty("message", message);
        json.writeEndObject();
    }

    @Override
    public boolean partsFailures() {
        return false;
    }

    @Override
    public void write(OutputStream out, String id, Row row, RowEnd end) throws IOException {
        switch (end) {
            case RowEnd.Answered answered when answered.good() ->
                    write(out, "response", answered.body(), row);
            case RowEnd.Answered answered -> write(out, "error", answered.body(), row);
            case RowEnd.Expired() ->
                    write(out, "error", unrun(4, "Batch expired before the request was run."), row);
            case RowEnd.Cancelled() -> write(out, "error", unrun(1, "Batch was cancelled."), row);
        }
    }

    private static byte[] unrun(int code, String message) {
        return Json.write(json -> status(json, code, message));
    }

    private void write(OutputStream out, String member, byte[] value, Row row) throws IOException {
        text(out, "{\"" + member + "\":");
        out.write(value);
        if (named && row.customId().length > 0) {
            text(out, ",\"" + name + "\":");
            boolean wrapped = name.equals(METADATA) && row.customId()[0] == '"';
            text(out, wrapped ? "{\"key\":" : "");
            out.write(row.customId());
            text(out, wrapped ? "}" : "");
        }
        text(out, "}\n");
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
