package dev.batchwright.server.edge;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one event loop, and for how long nothing was asked on them: one on which no
 * request comes to its end for a while, however slowly it is sent, is closed. One with a request in
 * it may stay silent for as long as the answer takes. Everything here runs on that event loop.
 */
final class Connections {
    private static final String IDLE = "idle"; // What Vert.x calls the handler of its timeouts.

    private final Limits limits;
    private final Traffic traffic;
    private final IdentityHashMap<HttpConnection, Use> uses = new IdentityHashMap<>();

    private static final class Use {
        int requests;
        boolean closing;
        long since = System.nanoTime();
    }

    Connections(Limits limits, Traffic traffic) {
        this.limits = limits;
        this.traffic = traffic;
    }

    /**
     * Takes over a connection whose first request has come: until then the server's own timeout
     * watches it (Vert.x shows no connection before), and would later close it while an answer is
     * waited for.
     */
    void opened(HttpConnection connection) {
        if (connection instanceof ConnectionBase base
                && base.channel().pipeline().get(IDLE) != null) {
            base.channel().pipeline().remove(IDLE);
        }
        uses.put(connection, new Use());
        traffic.connected();
        connection.closeHandler(
                closed -> {
                    if (uses.remove(connection) != null) {
                        traffic.disconnected();
                    }
                });
    }

    void begins(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null) {
            use.requests++;
        }
    }

    void ends(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null) {
            use.requests--;
            use.since = System.nanoTime();
        }
    }

    void closeIdle() {
        long now = System.nanoTime();
        List<Map.Entry<HttpConnection, Use>> idle =
                uses.entrySet().stream().filter(entry -> isIdle(entry.getValue(), now)).toList();
        for (Map.Entry<HttpConnection, Use> each : idle) {
            if (each.getValue().closing) {
                cut(each.getKey()); // It was not read to its end since the last look.
            } else {
                each.getValue().closing = true;
                each.getKey().close();
            }
        }
    }

    /**
     * Closes one at once. Vert.x, through whose handlers the channel's own close goes, would first
     * send what was written before, which a client that reads nothing never lets it.
     */
    static void cut(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            var unused = base.channel().pipeline().firstContext().close();
        } else {
            connection.close();
        }
    }

    private boolean isIdle(Use use, long now) {
        return use.requests == 0 && now - use.since > limits.idle().toNanos();
    }

    /** Tells HTTP/2 clients to open no more requests here; those under way go on. */
    void farewell(long patienceSeconds) {
        List.copyOf(uses.keySet()).stream()
                .filter(connection -> uses.containsKey(connection))
                .forEach(
                        connection -> {
                            var unused = connection.shutdown(patienceSeconds, TimeUnit.SECONDS);
                        });
    }
}
