package dev.batchwright.store;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** How an answer lies in its segment; the output is spliced from it accordingly. */
public enum AnswerForm {
    /** {@code "response":..,"error":..}: both fields, as our own segments have them. */
    FIELDS,
    /** The value of {@code response}: {@code status_code}, {@code request_id}, {@code body}. */
    RESPONSE,
    /** The body of a response alone. */
    BODY,
    /** The value of {@code error}, where there was no response. */
    ERROR;

    /**
     * The two fields of an OpenAI output line, around what is there of them.
     *
     * @param status of the response, where the bytes don't tell
     * @param bytes not to be changed afterwards
     */
    public RawJson fields(int status, byte[] bytes, int start, int length) {
        return switch (this) {
            case FIELDS -> RawJson.of(bytes, start, length);
            case RESPONSE -> spliced("\"response\":", bytes, start, length, ",\"error\":null");
            case BODY ->
                    spliced(
                            "\"response\":{\"status_code\":%d,\"request_id\":\"\",\"body\":"
                                    .formatted(status),
                            bytes,
                            start,
                            length,
                            "},\"error\":null");
            case ERROR -> spliced("\"response\":null,\"error\":", bytes, start, length, "");
        };
    }

    /** The same fields where there is no line to splice them from. */
    public static RawJson fields(Optional<Reply> reply, Optional<ItemError> error) {
        var line = new JsonLine(256 + reply.map(r -> r.body().length()).orElse(0));
        OutcomeLine.answer(line, reply, error);
        return RawJson.of(line.bytes(), 0, line.length());
    }

    private static RawJson spliced(
            String before, byte[] bytes, int start, int length, String after) {
        byte[] head = before.getBytes(StandardCharsets.US_ASCII);
        byte[] tail = after.getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(head, head.length + length + tail.length);
        System.arraycopy(bytes, start, all, head.length, length);
        System.arraycopy(tail, 0, all, head.length + length, tail.length);
        return RawJson.of(all);
    }
}
