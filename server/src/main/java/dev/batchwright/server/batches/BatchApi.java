package dev.batchwright.server.batches;

import dev.batchwright.server.ServingContext;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Way;

import io.vertx.ext.web.Router;

import java.time.Clock;
import java.util.List;

/**
 * The Batch API as a face of the server: files, batches, message batches, and the keeping of all
 * batches in the background.
 */
public final class BatchApi implements Routes {
    private final BatchKeeping keeping;
    private final List<Routes> routes;

    /**
     * Goes on at once with batches that other processes left.
     *
     * @throws dev.batchwright.workbench.RefusedException if the backend or the store can't be used
     */
    public BatchApi(ServingContext context) {
        BatchSettings settings = context.options().hosting();
        JobStore store = context.workbench().store();
        Clock clock = context.clock();
        var way = new Way(context.workbench(), context.options().backend());
        this.keeping = new BatchKeeping(context, way, settings);
        this.routes =
                List.of(
                        new FileRoutes(
                                store.files(), settings, context.options().limits().fileBytes()),
                        new BatchRoutes(store.hostedBatches(), keeping, clock, settings),
                        new MessageBatchRoutes(context.workbench(), keeping, clock, settings));
    }

    @Override
    public void mount(Router router) {
        routes.forEach(face -> face.mount(router));
    }

    /** Leaves the batches to other processes, or to the next one. */
    @Override
    public void close() {
        keeping.close();
    }
}
