package dev.batchwright.server.edge;

import dev.batchwright.server.access.Caller;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All that is under way at the edge, over all event loops: counted, measured, written into the log
 * when it is over. Thread-safe.
 */
public final class Traffic {
    private static final Logger ACCESS = LoggerFactory.getLogger("access");
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final Limits limits;
    private final MeterRegistry meters;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong bodyBytes = new AtomicLong();
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();
    private final CountDownLatch quiet = new CountDownLatch(1);
    private volatile boolean draining; // Set once.

    /** Requests that are measured together. */
    private record Kind(String method, String route, int status) {}

    /**
     * A request that is over.
     *
     * @param route the path as it was mounted, without what varies
     * @param status 499 if the client was gone before its answer
     */
    record Ended(
            String requestId,
            Caller caller,
            String method,
            String route,
            int status,
            long nanos,
            long bytesIn,
            long bytesOut) {}

    public Traffic(Limits limits, MeterRegistry meters) {
        this.limits = limits;
        this.meters = meters;
        gauge("batchwright.http.open.requests", "Requests that are in.", open);
        gauge("batchwright.http.connections", "Connections of clients.", connections);
        gauge("batchwright.http.body.bytes", "Bytes of bodies that are being read.", bodyBytes);
    }

    private void gauge(String name, String description, Number value) {
        Gauge.builder(name, value, Number::doubleValue).description(description).register(meters);
    }

    /** How many requests are in and not answered. */
    public int open() {
        return open.get();
    }

    /** Lets nobody in any more, but those who ask how it goes. */
    public void drain() {
        draining = true;
        if (open.get() == 0) {
            quiet.countDown();
        }
    }

    /** Whether the server is about to stop. */
    public boolean draining() {
        return draining;
    }

    /** Counts a request in; false if there are too many for it to stay. */
    boolean enter() {
        return open.incrementAndGet() <= limits.openRequests();
    }

    /** Waits until nobody is in any more, for so long at most. */
    public void awaitQuiet(Duration most) {
        try {
            var unused = quiet.await(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void leave(Ended request) {
        if (open.decrementAndGet() == 0 && draining) {
            quiet.countDown();
        }
        timers.computeIfAbsent(
                        new Kind(measured(request.method), request.route, request.status),
                        this::timer)
                .record(request.nanos, TimeUnit.NANOSECONDS);
        if (ACCESS.isInfoEnabled()) {
            ACCESS.atInfo()
                    .addKeyValue("request_id", request.requestId)
                    .addKeyValue("owner", request.caller.owner())
                    .addKeyValue("method", request.method)
                    .addKeyValue("route", request.route)
                    .addKeyValue("status", request.status)
                    .addKeyValue("ms", TimeUnit.NANOSECONDS.toMillis(request.nanos))
                    .addKeyValue("bytes_in", request.bytesIn)
                    .addKeyValue("bytes_out", request.bytesOut)
                    .log("request");
        }
    }

    /** Clients may make methods up: those are one, or each would be measured for ever. */
    private static String measured(String method) {
        return METHODS.contains(method) ? method : "other";
    }

    private Timer timer(Kind kind) {
        return Timer.builder("batchwright.http.requests")
                .description("Requests that are over, and how long they took.")
                .tag("method", kind.method)
                .tag("route", kind.route)
                .tag("status", Integer.toString(kind.status))
                .maximumExpectedValue(Duration.ofHours(24))
                .register(meters);
    }

    void connected() {
        connections.incrementAndGet();
    }

    void disconnected() {
        connections.decrementAndGet();
    }

    /** Takes room for a part of a body that is read into memory; false if there is none. */
    boolean holdBody(int bytes) {
        if (bodyBytes.addAndGet(bytes) > Limits.bodiesInMemory()) {
            bodyBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void releaseBody(long bytes) {
        bodyBytes.addAndGet(-bytes);
    }
}
