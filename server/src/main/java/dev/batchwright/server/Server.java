package dev.batchwright.server;

import dev.batchwright.server.edge.HttpEdge;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.server.health.HealthRoutes;
import dev.batchwright.server.page.PageRoutes;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.Workbench;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A server that runs. Here its parts are put together, and nowhere else. */
public final class Server implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final Vertx vertx;
    private final ServingContext context;
    private final int port;

    private Server(Vertx vertx, ServingContext context, int port) {
        this.vertx = vertx;
        this.context = context;
        this.port = port;
    }

    /**
     * Listens when it returns.
     *
     * @param workbench that outlives the server
     * @throws ServerStartException if the port can't be had
     * @throws dev.batchwright.workbench.RefusedException if the store or the backend can't be used
     */
    public static Server start(Workbench workbench, ServerOptions options, EventLog events)
            throws InterruptedException {
        var context =
                new ServingContext(
                        workbench,
                        options,
                        new Crew(workbench),
                        workbench.clock(),
                        events,
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        Vertx vertx = vertx();
        try {
            int port = listen(vertx, options.listen(), faces(context));
            var server = new Server(vertx, context, port);
            events.tell("server_started", Map.of("url", server.origin().toString()));
            return server;
        } catch (ExecutionException | TimeoutException e) {
            stop(vertx, context);
            throw new ServerStartException(options.listen(), e);
        } catch (InterruptedException | RuntimeException e) {
            stop(vertx, context);
            throw e;
        }
    }

    /** Everything that the server does for those who call it. */
    private static List<Routes> faces(ServingContext context) {
        return List.of(new HealthRoutes(context.workbench()), new PageRoutes(context));
    }

    private static Vertx vertx() {
        return Vertx.vertx(
                new VertxOptions()
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(1)
                        .setUseDaemonThread(true)
                        .setDisableTCCL(true)
                        .setFileSystemOptions(
                                new FileSystemOptions()
                                        .setFileCachingEnabled(false)
                                        .setClassPathResolvingEnabled(false)));
    }

    private static int listen(Vertx vertx, ServerOptions.Listen place, List<Routes> faces)
            throws InterruptedException, ExecutionException, TimeoutException {
        var edges = new CopyOnWriteArrayList<HttpEdge>();
        vertx.deployVerticle(
                        () -> {
                            var edge = new HttpEdge(place.host(), place.port(), faces);
                            edges.add(edge);
                            return edge;
                        },
                        new DeploymentOptions()
                                .setInstances(Runtime.getRuntime().availableProcessors()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return edges.getFirst().port();
    }

    public int port() {
        return port;
    }

    /** Where it is, like {@code http://127.0.0.1:8080}. */
    public URI origin() {
        String host = context.options().listen().host();
        return URI.create(
                "http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, port));
    }

    /** Frees the port, and stops what runs; jobs go on when a server is started again. */
    @Override
    public void close() {
        stop(vertx, context);
        context.events().tell("server_stopped", Map.of());
    }

    private static void stop(Vertx vertx, ServingContext context) {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        context.crew().close();
        context.meters().close();
    }
}
