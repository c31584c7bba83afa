package dev.batchwright.server.edge;

import io.vertx.ext.web.Router;

/** The routes of one face of the server. */
public interface Routes {
    /**
     * Adds them to a router. Called once for each event loop, with a router of its own: state that
     * requests share belongs to the face. Before any of these routes, the edge has given the
     * request its id, and has let its caller in ({@link Exchange#of}); an error that reaches the
     * edge is written in the form of the API of the path.
     */
    void mount(Router router);
}
