package dev.batchwright.bench;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/**
 * Those who call, on one event loop. Each has a connection, with one call on it at a time or, over
 * HTTP/2, many. A call whose connection broke, or that was told 503, is made again with the same
 * body: what any client does that means to get its answer.
 */
final class Callers extends VerticleBase {
    private static final int CONNECTING_AT_ONCE = 128;
    private static final int CONNECT_MILLIS = 20_000;
    private static final int WINDOW = 1 << 20;
    private static final int REFUSED_FOR_NOW = 503;
    private static final long PAUSE_MILLIS = 250;

    private final LoadPlan plan;
    private final LoadTally tally;
    private final ArrayDeque<Caller> unconnected = new ArrayDeque<>();
    private @Nullable HttpClientAgent client;
    private int connecting;

    private HttpVersion version() {
        return plan.http() == 2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1;
    }

    /** What a request was answered with. */
    private record Answer(int status, String body) {}

    /**
     * @param number of this event loop, from 0
     * @param loops as many share the connections
     */
    Callers(LoadPlan plan, LoadTally tally, int number, int loops) {
        this.plan = plan;
        this.tally = tally;
        for (int i = number; i < plan.connections(); i += loops) {
            unconnected.add(new Caller(plan.slots(i)));
        }
    }

    @Override
    public Future<?> start() {
        client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(version())
                                .setHttp2ClearTextUpgrade(false)
                                .setHttp2MultiplexingLimit(plan.streams())
                                .setHttp2ConnectionWindowSize(WINDOW)
                                .setHttp2KeepAliveTimeout(0)
                                .setKeepAliveTimeout(0));
        connectSome(client);
        return Future.succeededFuture();
    }

    private void connectSome(HttpClientAgent through) {
        while (connecting < CONNECTING_AT_ONCE && !unconnected.isEmpty()) {
            Caller caller = unconnected.remove();
            connecting++;
            through.connect(
                            new HttpConnectOptions()
                                    .setProtocolVersion(version())
                                    .setHost(plan.server().getHost())
                                    .setPort(plan.server().getPort())
                                    .setConnectTimeout(CONNECT_MILLIS))
                    .onComplete(
                            made -> {
                                connecting--;
                                if (made.succeeded()) {
                                    caller.connected(made.result());
                                } else {
                                    tally.broken(made.cause());
                                    connectLater(caller);
                                }
                                connectSome(through);
                            });
        }
    }

    private void connectLater(Caller caller) {
        vertx.setTimer(
                PAUSE_MILLIS,
                any -> {
                    unconnected.add(caller);
                    HttpClientAgent through = client;
                    if (through != null) {
                        connectSome(through);
                    }
                });
    }

    /** Makes calls on one connection. */
    private final class Caller {
        private final ArrayDeque<Integer> again = new ArrayDeque<>();
        private @Nullable HttpClientConnection connection;
        private int free;

        Caller(int slots) {
            this.free = slots;
        }

        void connected(HttpClientConnection made) {
            connection = made;
            made.closeHandler(
                    closed -> {
                        connection = null;
                        connectLater(this);
                    });
            callOn();
        }

        private void callOn() {
            HttpClientConnection through = connection;
            while (through != null && free > 0) {
                Integer known = again.poll();
                int call = known != null ? known : tally.next();
                if (call < 0) {
                    return;
                }
                free--;
                call(through, call, known == null);
            }
        }

        private void call(HttpClientConnection through, int call, boolean first) {
            long since = System.nanoTime();
            through.request(HttpMethod.POST, LoadPlan.PATH)
                    .compose(
                            request -> {
                                request.putHeader("content-type", "application/json");
                                if (plan.expect() == LoadPlan.Expect.ACCEPTED) {
                                    request.putHeader("prefer", "respond-async");
                                }
                                Future<Void> written = request.end(plan.body(call));
                                if (first) {
                                    written.onSuccess(any -> tally.sent());
                                }
                                return request.response();
                            })
                    .compose(
                            response ->
                                    response.body()
                                            .map(
                                                    body ->
                                                            new Answer(
                                                                    response.statusCode(),
                                                                    body.toString())))
                    .onComplete(told -> told(call, since, told));
        }

        private void told(int call, long since, AsyncResult<Answer> told) {
            if (told.failed()) {
                tally.broken(told.cause());
                later(call);
            } else if (told.result().status == REFUSED_FOR_NOW) {
                tally.refused();
                later(call);
            } else {
                Answer answer = told.result();
                boolean right = plan.isRight(call, answer.status, answer.body);
                tally.answered(call, right, answer.status, since);
                free++;
                callOn();
            }
        }

        private void later(int call) {
            vertx.setTimer(
                    PAUSE_MILLIS,
                    any -> {
                        free++;
                        again.add(call);
                        callOn();
                    });
        }
    }
}
