package dev.batchwright.server.edge;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What a request is answered with. */
public record Reply(int status, String contentType, List<Header> headers, Body body) {
    private static final String JSON = "application/json";

    /** A header beside those that the edge writes: content type and length, request id. */
    public record Header(String name, String value) {}

    /** What stands below the headers. */
    public sealed interface Body {
        /** All of it is there. */
        @SuppressWarnings("ArrayRecordComponent") // Never compared.
        record Whole(byte[] bytes) implements Body {}

        /**
         * It is written by the thread that serves the request, which waits for a slow client.
         *
         * @param length in bytes, where it is known before
         */
        record Written(OptionalLong length, Writer writer) implements Body {}
    }

    /** Writes a body. */
    @FunctionalInterface
    public interface Writer {
        /**
         * @param out blocks while the client is slow
         * @throws IOException of {@code out}, when the client is gone
         */
        void write(OutputStream out) throws IOException, InterruptedException;
    }

    public Reply {
        headers = List.copyOf(headers);
    }

    /** An answer in JSON. */
    public static Reply json(int status, byte[] body) {
        return new Reply(status, JSON, List.of(), new Body.Whole(body));
    }

    /** An answer in text. */
    public static Reply text(int status, String text) {
        return new Reply(
                status,
                "text/plain; charset=utf-8",
                List.of(),
                new Body.Whole(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** An answer that is written piece by piece. */
    public static Reply written(
            int status, String contentType, OptionalLong length, Writer writer) {
        return new Reply(status, contentType, List.of(), new Body.Written(length, writer));
    }

    /** The same with one header more. */
    public Reply with(String name, String value) {
        var more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new Reply(status, contentType, more, body);
    }
}
