package dev.batchwright.simulator.wire;

import java.util.List;
import java.util.Optional;

/**
 * The answer of the batch side.
 *
 * @param head the whole reply, or its status and headers if a file is its body
 * @param file the body, straight from disk
 */
public record BatchReply(Reply head, Optional<FileSlice> file) {
    public static BatchReply of(Reply reply) {
        return new BatchReply(reply, Optional.empty());
    }

    public static BatchReply json(int status, byte[] body) {
        return of(Reply.json(status, body));
    }

    public static BatchReply download(String contentType, List<Header> headers, FileSlice file) {
        return new BatchReply(
                new Reply(200, contentType, headers, List.of(new byte[0]), false),
                Optional.of(file));
    }

    /** Sends the client elsewhere. */
    public static BatchReply moved(String location) {
        return of(
                new Reply(
                        302,
                        Reply.JSON,
                        List.of(new Header("location", location)),
                        List.of(new byte[0]),
                        false));
    }
}
