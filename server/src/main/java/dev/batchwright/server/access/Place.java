package dev.batchwright.server.access;

import java.util.Optional;

/** What a path belongs to: who may go there, and how. */
public enum Place {
    /** Whoever asks is told whether the server lives. */
    OPEN(Optional.empty()),
    /** With any key: the list of models. */
    ANY_KEY(Optional.empty()),
    /** For people: they are let in by the page itself, which lets them sign in. */
    PAGE(Optional.empty()),
    CALLS(Optional.of(Scope.CALLS)),
    BATCHES(Optional.of(Scope.BATCHES)),
    ADMIN(Optional.of(Scope.ADMIN));

    private final Optional<Scope> scope;

    Place(Optional<Scope> scope) {
        this.scope = scope;
    }

    /** The scope that a key needs there. */
    public Optional<Scope> scope() {
        return scope;
    }

    /** The place of a path. */
    public static Place of(String path) {
        // Routes take a path with a slash at its end, too.
        return switch (path.length() > 1 && path.endsWith("/")
                ? path.substring(0, path.length() - 1)
                : path) {
            case "/health", "/ready" -> OPEN;
            case "/metrics" -> ADMIN;
            default -> path.startsWith("/v1/") ? api(path) : PAGE;
        };
    }

    private static Place api(String path) {
        if (isOrIsBelow(path, "/v1/files")
                || isOrIsBelow(path, "/v1/batches")
                || isOrIsBelow(path, "/v1/messages/batches")) {
            return BATCHES;
        }
        return isOrIsBelow(path, "/v1/models") ? ANY_KEY : CALLS;
    }

    private static boolean isOrIsBelow(String path, String root) {
        return path.equals(root) || path.startsWith(root + "/");
    }
}
