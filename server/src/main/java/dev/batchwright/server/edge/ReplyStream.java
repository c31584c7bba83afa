package dev.batchwright.server.edge;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;

/**
 * The body of an answer, written by plain code. What was written but has not left is bounded: then
 * the writer waits, until the client took some or is gone. For one writer.
 */
final class ReplyStream extends OutputStream {
    private static final int UNDER_WAY = 512 * 1024;
    private static final int PART = 64 * 1024;

    private final Exchange exchange;
    private final HttpServerResponse response;
    private final Context loop;
    private final Semaphore room = new Semaphore(UNDER_WAY);
    private volatile @Nullable Throwable broken; // Written by the event loop.

    ReplyStream(Exchange exchange, Context loop) {
        this.exchange = exchange;
        this.response = exchange.routing().response();
        this.loop = loop;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        for (int start = offset; start < offset + length; start += PART) {
            send(Arrays.copyOfRange(from, start, Math.min(start + PART, offset + length)));
        }
    }

    private void send(byte[] bytes) throws IOException {
        try {
            room.acquire(bytes.length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Writing an answer was interrupted.");
        }
        check();
        loop.runOnContext(
                any -> {
                    if (response.closed()) {
                        broken = new IOException("The connection was closed.");
                        room.release(bytes.length);
                        return;
                    }
                    Future<Void> part = response.write(Buffer.buffer(bytes));
                    exchange.written(part);
                    part.onComplete(
                            sent -> {
                                if (sent.failed()) {
                                    broken = sent.cause();
                                }
                                room.release(bytes.length);
                            });
                });
    }

    private void check() throws IOException {
        Throwable cause = broken;
        if (cause != null) {
            throw new IOException("The client is gone before it got all of its answer.", cause);
        }
    }

    @Override
    public void close() throws IOException {
        check();
        loop.runOnContext(
                any -> {
                    if (!response.ended() && !response.closed()) {
                        var unused = response.end();
                    }
                });
    }
}
