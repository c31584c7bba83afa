package dev.batchwright.simulator;

import dev.batchwright.simulator.bill.Bill;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A provider to try everything against without spending: an HTTP server that speaks OpenAI's API,
 * answers as a pure function of the request, fails as told, enforces limits, and keeps a bill.
 *
 * <p>The bill is also at {@code GET /simulator/bill} ({@code ?request=<hash>} for one request,
 * {@code ?window=10s} for the most arrivals in any such span); {@code DELETE} resets it.
 *
 * <p>Its threads are daemons: keep the process alive by other means. All methods are thread-safe.
 */
public final class Simulator implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Vertx vertx;
    private final String host;
    private final int port;
    private final Bill bill;

    private Simulator(Vertx vertx, String host, int port, Bill bill) {
        this.vertx = vertx;
        this.host = host;
        this.port = port;
        this.bill = bill;
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
        var bill = new Bill();
        var desk = new FrontDesk(options, bill);
        try {
            int port = listen(vertx, options, desk);
            return new Simulator(vertx, options.host(), port, bill);
        } catch (ExecutionException | TimeoutException e) {
            vertx.close();
            throw new SimulatorStartException(options.host(), options.port(), e);
        } catch (InterruptedException e) {
            vertx.close();
            Thread.currentThread().interrupt();
            throw new SimulatorStartException(options.host(), options.port(), e);
        }
    }

    private static int listen(Vertx vertx, SimulatorOptions options, FrontDesk desk)
            throws InterruptedException, ExecutionException, TimeoutException {
        var edges = new CopyOnWriteArrayList<HttpEdge>();
        vertx.deployVerticle(
                        () -> {
                            var edge = new HttpEdge(options, desk);
                            edges.add(edge);
                            return edge;
                        },
                        new DeploymentOptions().setInstances(options.eventLoops()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return edges.getFirst().port();
    }

    public int port() {
        return port;
    }

    /** Like {@code http://127.0.0.1:9090/v1}. */
    public String baseUrl() {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/v1";
    }

    /** The live bill, not a copy. */
    public Bill bill() {
        return bill;
    }

    /** Cuts all connections and frees the port. */
    @Override
    public void close() {
        try {
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("The simulator did not stop.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
