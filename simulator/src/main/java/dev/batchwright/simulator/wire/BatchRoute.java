package dev.batchwright.simulator.wire;

/**
 * One call of a provider's batch side: files and batches. Unlike an {@link Endpoint} it has state,
 * may read and write files, and takes bodies of any size.
 *
 * @param kind what the call does, whatever it is called at this provider
 * @param answer runs on a thread that may block
 */
public record BatchRoute(Kind kind, Handler answer) {
    /** What the calls of all providers come to. */
    public enum Kind {
        UPLOAD,
        FILE,
        DOWNLOAD,
        CREATE,
        POLL,
        LIST,
        CANCEL,
        DELETE
    }

    /** Answers the call. */
    public interface Handler {
        /**
         * Answers, or refuses.
         *
         * @param head the request with its headers; its own body is empty
         */
        BatchReply answer(Arrival head, Payload body);
    }
}
