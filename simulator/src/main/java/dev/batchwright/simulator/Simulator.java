package dev.batchwright.simulator;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.VirtualClock;
import dev.batchwright.simulator.bill.Bill;
import dev.batchwright.simulator.quirk.Quirks;
import dev.batchwright.simulator.wire.Wire;

import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * A provider to try everything against without spending: an HTTP server that speaks the API of one
 * provider, answers as a pure function of the request, fails as told, enforces limits, and keeps a
 * bill.
 *
 * <p>It has the batches of the provider, too: their files are on disk, in a directory that goes
 * away with it, and they run in a time of their own.
 *
 * <p>The bill is also at {@code GET /simulator/bill} ({@code ?request=<hash>} for one request,
 * {@code ?window=10s} for the most arrivals in any such span); {@code DELETE} resets it. {@code GET
 * /simulator/batches} lists the batches.
 *
 * <p>Its threads are daemons: keep the process alive by other means. All methods are thread-safe.
 */
public final class Simulator implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Vertx vertx;
    private final String host;
    private final int port;
    private final Provider provider;
    private final Bill bill;
    private final BatchEngine engine;
    private final Checkpoints checkpoints;

    private Simulator(
            Vertx vertx,
            SimulatorOptions options,
            int port,
            BatchEngine engine,
            Checkpoints checkpoints) {
        this.vertx = vertx;
        this.host = options.host();
        this.provider = options.provider();
        this.port = port;
        this.bill = engine.bill();
        this.engine = engine;
        this.checkpoints = checkpoints;
    }

    /**
     * Listens when it returns.
     *
     * @throws SimulatorStartException if the port can't be had
     */
    public static Simulator start(SimulatorOptions options) {
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(options.eventLoops())
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1)
                                .setUseDaemonThread(true)
                                .setDisableTCCL(true)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setFileCachingEnabled(false)
                                                .setClassPathResolvingEnabled(false)));
        var bill = new Bill(options.price());
        var time = new VirtualClock(options.clock(), options.batches().timeScale());
        var quirks = new Quirks(options.quirks(), options.seed());
        var engine = new BatchEngine(options.batches(), quirks, bill, time, options.seed());
        var checkpoints = new Checkpoints();
        try {
            Wire wire = Wires.of(options, engine);
            var counter = new BatchCounter(options, bill, engine, wire, quirks);
            var desk = new FrontDesk(options, bill, wire, checkpoints);
            int port =
                    listen(
                            vertx,
                            options.eventLoops(),
                            () -> new HttpEdge(options, desk, counter, checkpoints),
                            HttpEdge::port);
            int signed =
                    listen(
                            vertx,
                            1,
                            () -> new SignedEdge(options, counter::serveSigned),
                            SignedEdge::port);
            engine.signedUrls().listensAt(origin(options.host(), signed));
            return new Simulator(vertx, options, port, engine, checkpoints);
        } catch (ExecutionException | TimeoutException e) {
            vertx.close();
            engine.close();
            throw new SimulatorStartException(options.host(), options.port(), e);
        } catch (InterruptedException e) {
            vertx.close();
            engine.close();
            Thread.currentThread().interrupt();
            throw new SimulatorStartException(options.host(), options.port(), e);
        }
    }

    private static <E extends Deployable> int listen(
            Vertx vertx, int instances, Supplier<E> edge, ToIntFunction<E> port)
            throws InterruptedException, ExecutionException, TimeoutException {
        var edges = new CopyOnWriteArrayList<E>();
        vertx.deployVerticle(
                        () -> {
                            E made = edge.get();
                            edges.add(made);
                            return made;
                        },
                        new DeploymentOptions().setInstances(instances))
                .toCompletionStage()
                .toCompletableFuture()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return port.applyAsInt(edges.getFirst());
    }

    public int port() {
        return port;
    }

    /**
     * What the provider's own SDK takes as its base URL, like {@code http://127.0.0.1:9090/v1} for
     * OpenAI.
     */
    public String baseUrl() {
        return origin() + provider.basePath();
    }

    /** Like {@code http://127.0.0.1:9090}. */
    public String origin() {
        return origin(host, port);
    }

    private static String origin(String host, int port) {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Has somebody told of each call from now on, instead of whoever was told before. */
    public void onCall(CallListener listener) {
        checkpoints.listen(listener);
    }

    /** The time that batches and files live in; can be put forward. */
    public VirtualClock time() {
        return engine.clock();
    }

    /** The live bill, not a copy. */
    public Bill bill() {
        return bill;
    }

    /** Cuts all connections and frees the port. */
    @Override
    public void close() {
        checkpoints.release();
        try {
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("The simulator did not stop.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            engine.close();
        }
    }
}
