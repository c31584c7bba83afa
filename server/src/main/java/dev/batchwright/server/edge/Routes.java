package dev.batchwright.server.edge;

import io.vertx.ext.web.Router;

/** The routes of one face of the server. */
public interface Routes extends AutoCloseable {
    /**
     * Adds them to a router. Called once for each event loop, with a router of its own: state that
     * requests share belongs to the face. Before any of these routes, the edge has given the
     * request its id, and has let its caller in ({@link Exchange#of}); an error that reaches the
     * edge is written in the form of the API of the path.
     */
    void mount(Router router);

    /** Whether it can do its work; false where only a new process helps. From any thread. */
    default boolean isAble() {
        return true;
    }

    /**
     * Ends the waiting of those who wait here: called once, on a thread that may block, when the
     * server lets nobody in any more and is about to stop. Whoever can be answered within a moment
     * is; the others are told to come again. What they wait for is not given up.
     */
    @Override
    default void close() {}
}
