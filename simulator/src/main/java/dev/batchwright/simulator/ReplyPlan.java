package dev.batchwright.simulator;

import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.Reply;

import java.time.Duration;

/**
 * What is to be done about one request: wait, then deliver a reply in this manner.
 *
 * @param ending is told, once, how it ended
 */
record ReplyPlan(Reply reply, Duration delay, Delivery delivery, Ending ending) {
    /** How the reply goes over the connection. */
    sealed interface Delivery {
        record Whole() implements Delivery {}

        /** In pieces, evenly over this time. */
        record Slow(Duration over) implements Delivery {}

        /** Status, headers and the first half of the body; then the connection ends. */
        record Half() implements Delivery {}

        /** Nothing; the connection is reset. */
        record Reset() implements Delivery {}

        /** Status and headers of the reply, and a body straight from disk. */
        record FromFile(FileSlice file) implements Delivery {}

        /** The same, but the connection ends after so many bytes of the body. */
        record CutFile(FileSlice file, long bytes) implements Delivery {}

        /** The same, in pieces, evenly over this time. */
        record SlowFile(FileSlice file, Duration over) implements Delivery {}

        /** Nothing, for as long as the client waits. */
        record Silence() implements Delivery {}
    }

    /** Exactly one of the two is called, once. */
    interface Ending {
        /** The last byte is about to be handed to the connection, or the connection reset. */
        void delivered();

        /** The client left before that. */
        void gone();
    }

    /** The ending of replies that nobody counts. */
    private record Uncounted() implements Ending {
        @Override
        public void delivered() {}

        @Override
        public void gone() {}
    }

    static ReplyPlan now(Reply reply) {
        return now(reply, new Delivery.Whole());
    }

    static ReplyPlan now(Reply reply, Delivery delivery) {
        return new ReplyPlan(reply, Duration.ZERO, delivery, new Uncounted());
    }
}
