package dev.batchwright.simulator;

import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Reply;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Delivers one plan over its connection, and tells its ending exactly once: before the last bytes
 * are written, or when the client has left. Runs on the connection's event loop only.
 */
final class Courier {
    private static final int SLOW_PIECES = 20;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private boolean over; // the ending was told
    private long timer = -1; // the one that is set, or -1

    Courier(Vertx vertx, HttpServerRequest request) {
        this.vertx = vertx;
        this.request = request;
        this.response = request.response();
    }

    void carry(ReplyPlan plan) {
        boolean silent = plan.delivery() instanceof ReplyPlan.Delivery.Silence;
        if (plan.delay().isZero() && plan.delivery() instanceof ReplyPlan.Delivery.Whole) {
            deliver(plan);
            return;
        }
        response.closeHandler(closed -> gone(plan));
        if (!silent) {
            after(plan.delay(), () -> deliver(plan));
        }
    }

    private void deliver(ReplyPlan plan) {
        if (over) {
            return;
        }
        if (response.closed()) {
            gone(plan);
            return;
        }
        switch (plan.delivery()) {
            case ReplyPlan.Delivery.Whole() -> whole(plan);
            case ReplyPlan.Delivery.Half() -> half(plan);
            case ReplyPlan.Delivery.Slow(Duration over) -> slow(plan, over);
            case ReplyPlan.Delivery.Reset() -> {
                delivered(plan);
                reset();
            }
            case ReplyPlan.Delivery.FromFile(FileSlice file) -> {
                head(plan.reply());
                delivered(plan);
                send(file);
            }
            case ReplyPlan.Delivery.CutFile(FileSlice file, long bytes) -> {
                head(plan.reply());
                delivered(plan);
                cut(file, bytes);
            }
            case ReplyPlan.Delivery.SlowFile(FileSlice file, Duration over) -> {
                head(plan.reply());
                response.putHeader("content-length", "" + file.length());
                delivered(plan);
                trickle(file, 1 + file.length() / SLOW_PIECES, over.dividedBy(SLOW_PIECES));
            }
            case ReplyPlan.Delivery.Silence() -> {} // only its end is heard of
        }
    }

    private void whole(ReplyPlan plan) {
        Reply reply = plan.reply();
        head(reply);
        delivered(plan);
        if (reply.streamed()) {
            reply.parts().forEach(part -> response.write(Buffer.buffer(part)));
            response.end();
        } else {
            response.end(Buffer.buffer(reply.parts().getFirst()));
        }
    }

    private void half(ReplyPlan plan) {
        Reply reply = plan.reply();
        head(reply);
        delivered(plan);
        if (reply.streamed()) {
            List<byte[]> parts = reply.parts();
            response.write(Buffer.buffer(joined(parts.subList(0, parts.size() / 2))))
                    .onComplete(written -> request.connection().close());
        } else {
            byte[] body = reply.parts().getFirst();
            response.putHeader("content-length", "" + body.length);
            response.write(Buffer.buffer(Arrays.copyOf(body, body.length / 2)))
                    .onComplete(written -> request.connection().close());
        }
    }

    private void slow(ReplyPlan plan, Duration over) {
        Reply reply = plan.reply();
        head(reply);
        List<byte[]> pieces = reply.streamed() ? reply.parts() : pieces(reply.parts().getFirst());
        if (!reply.streamed()) {
            response.putHeader("content-length", "" + reply.parts().getFirst().length);
        }
        piece(plan, pieces, 0, over.dividedBy(Math.max(1, pieces.size())));
    }

    private void piece(ReplyPlan plan, List<byte[]> pieces, int next, Duration pause) {
        if (over) {
            return;
        }
        if (next == pieces.size() - 1) {
            delivered(plan);
            response.end(Buffer.buffer(pieces.get(next)));
            return;
        }
        response.write(Buffer.buffer(pieces.get(next)));
        after(pause, () -> piece(plan, pieces, next + 1, pause));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // if it fails, the client has left
    private void send(FileSlice file) {
        if (file.length() == 0) { // may never have been written
            response.end();
        } else {
            response.sendFile(file.path().toString(), file.offset(), file.length());
        }
    }

    private void cut(FileSlice file, long bytes) {
        response.putHeader("content-length", "" + file.length());
        byte[] nothing = new byte[0];
        Future<Void> sent =
                bytes == 0
                        ? response.write(Buffer.buffer(nothing)) // status and headers only
                        : response.sendFile(file.path().toString(), file.offset(), bytes);
        sent.onComplete(any -> request.connection().close());
    }

    /** Sends the file piece by piece; each is read when its time has come. */
    private void trickle(FileSlice left, long piece, Duration pause) {
        if (response.closed()) {
            return;
        }
        FileSlice now = left.first(piece);
        Buffer bytes;
        try (InputStream in = now.open(0)) {
            bytes = Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        FileSlice later = left.from(piece);
        if (later.length() == 0) {
            response.end(bytes);
        } else {
            response.write(bytes);
            after(pause, () -> trickle(later, piece, pause));
        }
    }

    private void head(Reply reply) {
        response.setStatusCode(reply.status());
        if (reply.status() != 204) {
            response.putHeader("content-type", reply.contentType());
        }
        for (Header header : reply.headers()) {
            response.putHeader(header.name(), header.value());
        }
        if (reply.streamed()) {
            response.setChunked(true);
        }
    }

    /** Ends the connection with a reset instead of the usual farewell. */
    @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the end
    private void reset() {
        if (request.connection() instanceof ConnectionBase connection) {
            Channel channel = connection.channel();
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        } else {
            request.connection().close();
        }
    }

    private void delivered(ReplyPlan plan) {
        over = true;
        plan.ending().delivered();
    }

    private void gone(ReplyPlan plan) {
        if (over) {
            return;
        }
        over = true;
        if (timer != -1) {
            vertx.cancelTimer(timer);
        }
        plan.ending().gone();
    }

    private void after(Duration span, Runnable next) {
        if (span.isZero()) {
            next.run();
            return;
        }
        timer =
                vertx.setTimer(
                        Math.max(1, span.toMillis()),
                        fired -> {
                            timer = -1;
                            next.run();
                        });
    }

    private static List<byte[]> pieces(byte[] body) {
        int length = Math.max(1, (body.length + SLOW_PIECES - 1) / SLOW_PIECES);
        var pieces = new ArrayList<byte[]>();
        for (int start = 0; start < body.length; start += length) {
            pieces.add(Arrays.copyOfRange(body, start, Math.min(body.length, start + length)));
        }
        return pieces;
    }

    private static byte[] joined(List<byte[]> parts) {
        Buffer all = Buffer.buffer();
        parts.forEach(all::appendBytes);
        return all.getBytes();
    }
}
