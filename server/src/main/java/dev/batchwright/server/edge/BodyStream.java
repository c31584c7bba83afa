package dev.batchwright.server.edge;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The body of a request, read by plain code. The event loop puts parts into a queue, as many as
 * were asked for; each that is taken asks for the next, so a fast client waits for a slow reader.
 * For one reader.
 */
final class BodyStream extends InputStream {
    private static final int PARTS_AHEAD = 8;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Context loop;
    private final long most;
    private final LinkedBlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    private byte[] current = {};
    private int position;
    private long taken;
    private boolean over;

    private sealed interface Part {
        @SuppressWarnings("ArrayRecordComponent") // Never compared.
        record Bytes(byte[] bytes) implements Part {}

        record End() implements Part {}

        record Broken(Throwable cause) implements Part {}
    }

    BodyStream(RoutingContext routing, Context loop, long most) {
        this.request = routing.request();
        this.response = routing.response();
        this.loop = loop;
        this.most = most;
    }

    void open() {
        loop.runOnContext(
                any -> {
                    if (request.isEnded()) {
                        parts.add(new Part.End());
                        return;
                    }
                    if (response.closed()) {
                        // Handlers hear of nothing that was before them.
                        parts.add(new Part.Broken(new ClosedChannelException()));
                        return;
                    }
                    request.exceptionHandler(broken -> parts.add(new Part.Broken(broken)));
                    request.handler(part -> parts.add(new Part.Bytes(part.getBytes())));
                    request.endHandler(end -> parts.add(new Part.End()));
                    request.fetch(PARTS_AHEAD);
                });
    }

    @Override
    public int read() throws IOException {
        return fill() ? current[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int some = Math.min(length, current.length - position);
        System.arraycopy(current, position, into, offset, some);
        position += some;
        return some;
    }

    /** Has a byte ready, or says that there is none left. */
    private boolean fill() throws IOException {
        while (position == current.length && !over) {
            switch (next()) {
                case Part.Bytes(byte[] bytes) -> {
                    current = bytes;
                    position = 0;
                    taken += bytes.length;
                    if (taken > most) {
                        throw ApiError.tooLarge(most);
                    }
                    loop.runOnContext(any -> fetchOne());
                }
                case Part.End() -> over = true;
                case Part.Broken(Throwable cause) ->
                        throw new IOException(
                                "The client is gone before its body was read.", cause);
            }
        }
        return position < current.length;
    }

    private void fetchOne() {
        if (!request.isEnded()) {
            request.fetch(1);
        }
    }

    private Part next() throws IOException {
        try {
            return parts.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Reading a body was interrupted.");
        }
    }
}
