package dev.batchwright.simulator.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * A complete HTTP answer.
 *
 * @param parts the body: one part for an answer with a content length, one part per event for a
 *     stream
 * @param streamed whether the parts are events of a stream, sent in chunks
 */
public record Reply(
        int status,
        String contentType,
        List<Header> headers,
        List<byte[]> parts,
        boolean streamed) {
    public static final String JSON = "application/json";
    public static final String EVENTS = "text/event-stream; charset=utf-8";

    public static Reply json(int status, byte[] body) {
        return new Reply(status, JSON, List.of(), List.of(body), false);
    }

    public Reply with(List<Header> more) {
        if (more.isEmpty()) {
            return this;
        }
        var all = new ArrayList<>(headers);
        all.addAll(more);
        return new Reply(status, contentType, all, parts, streamed);
    }

    public Reply with(List<byte[]> otherParts, boolean asStream) {
        return new Reply(status, contentType, headers, otherParts, asStream);
    }
}
