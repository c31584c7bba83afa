package dev.batchwright.input;

import dev.batchwright.job.RawJson;

/**
 * The body of a batch's request as it is sent: as it came, but that the model gets the name that
 * its provider knows, and {@code stream} goes where it says no, which some endpoints refuse to hear
 * at all. Used again for every request.
 */
final class SentBody {
    private final JsonBuffer buffer = new JsonBuffer();

    RawJson of(ObjectFields fields, ByteSlice body, String model) {
        int named = fields.find("model");
        boolean renamed = named >= 0 && !fields.text(named).equals(model);
        int stream = fields.find("stream");
        if (!renamed && stream < 0) {
            return body.json();
        }
        buffer.clear();
        String separator = "{";
        for (int i = 0; i < fields.size(); i++) {
            if (i == stream) {
                continue;
            }
            buffer.raw(separator);
            separator = ",";
            if (i == named && renamed) {
                buffer.raw("\"model\":").quoted(model);
            } else {
                int start = fields.nameStart(i);
                buffer.raw(body.bytes, start, fields.end(i) - start);
            }
        }
        return buffer.raw(separator.equals("{") ? "{}" : "}").json();
    }
}
