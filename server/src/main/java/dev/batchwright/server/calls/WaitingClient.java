package dev.batchwright.server.calls;

import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.ErrorForm;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A client that waits for its answer, with no thread of its own. One that waits for events, or
 * asked for blanks, gets a sign of life now and then: with the first one the head of the answer is
 * sent, status 200, and an error that comes later can only be told in the body. Nothing is sent
 * before, so that quick refusals have their own status.
 *
 * <p>On the event loop of its request, but for {@link #answer} and {@link #fail}.
 */
final class WaitingClient {
    private static final Buffer COMMENT = Buffer.buffer(": waiting\n\n");
    private static final Buffer BLANK = Buffer.buffer(" ");
    private static final long NO_TIMER = -1;

    private final Exchange exchange;
    private final Signs signs;
    private final long since = System.nanoTime();
    private long timer = NO_TIMER;
    private boolean begun;

    /** How a client that waits sees that it is not forgotten. */
    enum Signs {
        NONE,
        COMMENTS,
        BLANKS
    }

    WaitingClient(Exchange exchange, Signs signs) {
        this.exchange = exchange;
        this.signs = signs;
    }

    /**
     * @param ifGone is run if the client does not wait to the end
     */
    void begin(long signMillis, Runnable ifGone) {
        exchange.onGone(
                () -> {
                    stop();
                    ifGone.run();
                });
        if (signs != Signs.NONE && !response().ended()) {
            timer = vertx().setPeriodic(signMillis, any -> sign());
        }
    }

    private static Vertx vertx() {
        return Objects.requireNonNull(Vertx.currentContext()).owner();
    }

    private HttpServerResponse response() {
        return exchange.routing().response();
    }

    private void sign() {
        HttpServerResponse response = response();
        if (response.ended() || response.closed()) {
            stop();
            return;
        }
        if (!begun) {
            begun = true;
            response.setStatusCode(200)
                    .putHeader(
                            "content-type",
                            signs == Signs.COMMENTS
                                    ? "text/event-stream; charset=utf-8"
                                    : "application/json")
                    .putHeader("cache-control", "no-store")
                    .putHeader("x-accel-buffering", "no")
                    .setChunked(true);
        }
        // A client that reads nothing is not written to without end.
        if (!response.writeQueueFull()) {
            var unused = response.write(signs == Signs.COMMENTS ? COMMENT : BLANK);
        }
    }

    private void stop() {
        if (timer != NO_TIMER) {
            vertx().cancelTimer(timer);
            timer = NO_TIMER;
        }
    }

    /** From any thread. */
    void answer(CollectedAnswer answer) {
        Reply reply = Answers.of(answer).with("openai-processing-ms", Long.toString(took()));
        exchange.onLoop(
                () -> {
                    stop();
                    if (!begun) {
                        exchange.reply(reply);
                    } else if (answer.isGood()) {
                        end(answer.content());
                    } else {
                        endWithError(answer.body().toByteArray());
                    }
                });
    }

    private long took() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    }

    /** From any thread. */
    void fail(ApiError problem) {
        exchange.onLoop(
                () -> {
                    stop();
                    if (begun) {
                        endWithError(
                                ErrorForm.of(exchange.path()).body(problem, exchange.requestId()));
                    } else {
                        exchange.fail(problem);
                    }
                });
    }

    private void endWithError(byte[] error) {
        end(signs == Signs.COMMENTS ? event(error) : error);
    }

    private byte[] event(byte[] error) {
        String name =
                ErrorForm.of(exchange.path()) == ErrorForm.ANTHROPIC
                                || exchange.path().endsWith("/responses")
                        ? "event: error\n"
                        : "";
        return (name + "data: " + new String(error, StandardCharsets.UTF_8) + "\n\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void end(byte[] rest) {
        HttpServerResponse response = response();
        if (!response.ended() && !response.closed()) {
            var unused = response.end(Buffer.buffer(rest));
        }
    }
}
