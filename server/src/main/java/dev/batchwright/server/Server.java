package dev.batchwright.server;

import dev.batchwright.engine.JobRun;
import dev.batchwright.server.access.Allowances;
import dev.batchwright.server.access.Budgets;
import dev.batchwright.server.access.Gate;
import dev.batchwright.server.access.Keys;
import dev.batchwright.server.access.Sessions;
import dev.batchwright.server.batches.BatchApi;
import dev.batchwright.server.calls.CallRoutes;
import dev.batchwright.server.edge.HttpEdge;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.server.edge.Traffic;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.server.health.HealthRoutes;
import dev.batchwright.server.jobs.BudgetMeters;
import dev.batchwright.server.jobs.JobMeters;
import dev.batchwright.server.jobs.LimiterMeters;
import dev.batchwright.server.jobs.Lookout;
import dev.batchwright.server.jobs.Succession;
import dev.batchwright.server.metrics.MetricsRoutes;
import dev.batchwright.server.models.ModelRoutes;
import dev.batchwright.server.page.PageRoutes;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.RefusedException;
import dev.batchwright.workbench.Workbench;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * A server that runs. Here its parts are put together, and nowhere else.
 *
 * <p><b>How it stops.</b> From the first moment nobody is let in any more: who comes is told to
 * come again, and {@code /ready} says so to whoever spreads the load. Then the faces end the
 * waiting of those who are in, after what the crew has under way is over or was given back: calls
 * that ran live get their answers within the grace, the others are told to come again. Jobs stay
 * Active in the store, where another process takes them up, or this one's successor. Only then the
 * port is free.
 */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final int PATIENCE_SECONDS = 30;
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final ServingContext context;
    private final Traffic traffic;
    private final List<HttpEdge> edges;
    private final List<Routes> faces;
    private final Reloading reloading;
    private final Lookout lookout;
    private final AtomicBoolean stopped = new AtomicBoolean();

    private Server(
            Vertx vertx,
            ServingContext context,
            Traffic traffic,
            List<HttpEdge> edges,
            List<Routes> faces,
            Reloading reloading,
            Lookout lookout) {
        this.vertx = vertx;
        this.context = context;
        this.traffic = traffic;
        this.edges = edges;
        this.faces = faces;
        this.reloading = reloading;
        this.lookout = lookout;
    }

    /**
     * Listens when it returns.
     *
     * @param workbench that outlives the server
     * @throws ServerStartException if the port can't be had
     * @throws RefusedException if the store, the backend or the keys can't be used
     */
    public static Server start(Workbench workbench, ServerOptions options, EventLog events)
            throws InterruptedException {
        return start(workbench, options, events, context -> List.of());
    }

    /** The same with more faces, whose routes come first. */
    static Server start(
            Workbench workbench,
            ServerOptions options,
            EventLog events,
            Function<ServingContext, List<Routes>> more)
            throws InterruptedException {
        Workbench.Reading reading = workbench.readAgain();
        Keys keys = Keys.of(reading.configuration().serve(), reading.environment());
        checkKeys(options.listen(), keys);
        options.tls().ifPresent(tls -> checkReadable(tls.certificate(), tls.key()));
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        var traffic = new Traffic(options.limits(), registry);
        var gate = new Gate(keys);
        var allowances = new Allowances();
        var budgets = new Budgets(workbench.store().accounts());
        budgets.change(reading.configuration().serve());
        var reloading =
                new Reloading(workbench, options.listen(), gate, allowances, budgets, events);
        var context =
                new ServingContext(
                        workbench,
                        options,
                        new Crew(workbench),
                        workbench.clock(),
                        events,
                        registry,
                        reloading::current);
        List<Routes> faces = new ArrayList<>();
        Vertx vertx = vertx();
        try {
            faces.addAll(more.apply(context));
            addFaces(faces, context, gate, traffic, registry);
            List<HttpEdge> edges =
                    listen(
                            vertx,
                            new HttpEdge.Settings(
                                    options.listen().host(),
                                    options.listen().port(),
                                    options.tls(),
                                    options.limits(),
                                    gate,
                                    allowances,
                                    traffic,
                                    faces,
                                    Problems::known));
            var lookout =
                    new Lookout(
                            workbench.store(),
                            registry,
                            List.of(
                                    new JobMeters(workbench, registry),
                                    new LimiterMeters(workbench, registry),
                                    new BudgetMeters(workbench.store().accounts(), registry),
                                    new Succession(
                                            workbench.store(), context.crew(), context.clock())));
            var server = new Server(vertx, context, traffic, edges, faces, reloading, lookout);
            reloading.watch();
            events.tell("server_started", Map.of("url", server.origin().toString()));
            return server;
        } catch (ExecutionException | TimeoutException e) {
            end(vertx, context, faces, reloading, () -> {});
            throw new ServerStartException(options.listen(), e);
        } catch (InterruptedException | RuntimeException e) {
            end(vertx, context, faces, reloading, () -> {});
            throw e;
        }
    }

    /**
     * Everything that the server does for those who call it. One after the other: some begin to
     * work at once, and have to be ended where a later one can't be made.
     */
    private static void addFaces(
            List<Routes> faces,
            ServingContext context,
            Gate gate,
            Traffic traffic,
            PrometheusMeterRegistry registry) {
        faces.add(new HealthRoutes(context.workbench().store(), traffic, faces));
        faces.add(new MetricsRoutes(registry));
        faces.add(new ModelRoutes(context));
        faces.add(new CallRoutes(context));
        faces.add(new BatchApi(context));
        faces.add(
                new PageRoutes(
                        context,
                        new Sessions(gate, context.workbench().store().secret("sessions"))));
    }

    /** Without keys anybody who reaches the server could spend its owner's money. */
    static void checkKeys(ServerOptions.Listen place, Keys keys) {
        if (keys.isEmpty() && !place.isLoopback()) {
            throw new RefusedException(
                    "Serving on %s without keys would let everybody who reaches that address spend your money. Set up keys under `serve.keys` in batchwright.yaml, or listen on 127.0.0.1."
                            .formatted(place.host()));
        }
    }

    private static void checkReadable(Path... files) {
        for (Path file : files) {
            if (!Files.isReadable(file)) {
                throw new RefusedException(
                        "The file %s, which TLS needs, can't be read. Name a PEM file that this user may read."
                                .formatted(file));
            }
        }
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

    private static List<HttpEdge> listen(Vertx vertx, HttpEdge.Settings settings)
            throws InterruptedException, ExecutionException, TimeoutException {
        var edges = new CopyOnWriteArrayList<HttpEdge>();
        vertx.deployVerticle(
                        () -> {
                            var edge = new HttpEdge(settings);
                            edges.add(edge);
                            return edge;
                        },
                        new DeploymentOptions()
                                .setInstances(Runtime.getRuntime().availableProcessors()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return edges;
    }

    public int port() {
        return edges.getFirst().port();
    }

    /** Where it is, like {@code http://127.0.0.1:8080}. */
    public URI origin() {
        ServerOptions options = context.options();
        String host = options.listen().host();
        return URI.create(
                "%s://%s:%d"
                        .formatted(
                                options.tls().isPresent() ? "https" : "http",
                                host.contains(":") && !host.startsWith("[")
                                        ? "[" + host + "]"
                                        : host,
                                port()));
    }

    /** Takes over keys and limits of a configuration that was changed; says whether it could. */
    public boolean reload() {
        return reloading.reload();
    }

    /**
     * Stops as described above; returns when the port is free. Jobs go on when a server is started
     * again.
     */
    @Override
    public void close() {
        if (stopped.getAndSet(true)) {
            return;
        }
        traffic.drain();
        context.events().tell("server_draining", Map.of("open_requests", traffic.open()));
        lookout.close();
        edges.forEach(edge -> edge.farewell(JobRun.GRACE));
        end(vertx, context, faces, reloading, this::dismissAll);
        context.events().tell("server_stopped", Map.of());
    }

    /** Whoever is still in is told to come again, and gets a moment to hear it. */
    private void dismissAll() {
        edges.forEach(HttpEdge::dismiss);
        traffic.awaitQuiet(LAST_WORDS);
    }

    private static void end(
            Vertx vertx,
            ServingContext context,
            List<Routes> faces,
            Reloading reloading,
            Runnable lastWords) {
        reloading.close();
        closeAll(faces);
        context.crew().close();
        lastWords.run();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        context.meters().close();
    }

    /** All at once: each may have to wait for calls under way. */
    private static void closeAll(List<Routes> faces) {
        List<Thread> closing =
                faces.stream().map(face -> Thread.startVirtualThread(() -> close(face))).toList();
        boolean interrupted = false;
        for (Thread thread : closing) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true; // They end by themselves, and must: jobs are given back.
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Routes face) {
        try {
            face.close();
        } catch (RuntimeException e) {
            // One face that can't end well must not keep the others from it.
            LOG.error("{} did not end as it should", face.getClass().getSimpleName(), e);
        }
    }
}
