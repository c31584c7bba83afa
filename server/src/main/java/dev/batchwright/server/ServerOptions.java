package dev.batchwright.server;

import dev.batchwright.job.Mode;
import dev.batchwright.server.batches.BatchSettings;
import dev.batchwright.workbench.Way;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How the server serves. Names and defaults of what autobatcher has are autobatcher's.
 *
 * @param backend where requests go
 * @param mode how calls travel that say nothing else; empty: in batches where the backend takes
 *     them, live elsewhere
 * @param hosting what the Batch API takes
 */
public record ServerOptions(
        Listen listen,
        Way.Said backend,
        Optional<Mode> mode,
        Batching batching,
        BatchSettings hosting) {
    /**
     * Where it listens.
     *
     * @param port 0 for any free one
     */
    public record Listen(String host, int port) {
        /** The loopback address, at autobatcher's port. */
        public static final Listen STANDARD = new Listen("127.0.0.1", 8080);

        public Listen {
            if (host.isBlank()) {
                throw new IllegalArgumentException("A host is an address or a name.");
            }
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("A port is 0 to 65535, not %d.".formatted(port));
            }
        }
    }

    /**
     * How calls become batches.
     *
     * @param size as many calls close a group at once
     * @param window how long the first call of a group waits for others
     * @param pollInterval between two looks at a batch; empty: adapts itself
     * @param completionWindow that is asked of the provider; empty: its usual one, 24 h
     * @param metadata for each batch at the provider
     * @param keepOnClose whether batches under way go on when the server stops; else they are
     *     cancelled
     */
    public record Batching(
            int size,
            Duration window,
            Optional<Duration> pollInterval,
            Optional<Duration> completionWindow,
            Map<String, String> metadata,
            boolean keepOnClose) {
        /** What is used where nothing is said. */
        public static final Batching STANDARD =
                new Batching(
                        1_000,
                        Duration.ofSeconds(10),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        true);

        public Batching {
            metadata = Map.copyOf(metadata);
        }
    }

    /** On the loopback address, for whatever backend the model's name means. */
    public static final ServerOptions STANDARD =
            new ServerOptions(
                    Listen.STANDARD,
                    new Way.Said(Optional.empty(), Optional.empty(), Optional.empty()),
                    Optional.empty(),
                    Batching.STANDARD,
                    BatchSettings.STANDARD);

    /** The same, listening elsewhere. */
    public ServerOptions at(Listen place) {
        return new ServerOptions(place, backend, mode, batching, hosting);
    }

    /** The same with another backend. */
    public ServerOptions before(Way.Said said) {
        return new ServerOptions(listen, said, mode, batching, hosting);
    }

    /** The same with batches made otherwise. */
    public ServerOptions batching(Batching other) {
        return new ServerOptions(listen, backend, mode, other, hosting);
    }

    /** The same with another Batch API. */
    public ServerOptions hosting(BatchSettings other) {
        return new ServerOptions(listen, backend, mode, batching, other);
    }
}
