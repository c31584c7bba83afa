package dev.batchwright.server;

import dev.batchwright.job.Mode;
import dev.batchwright.server.batches.BatchSettings;
import dev.batchwright.server.edge.Limits;
import dev.batchwright.server.edge.Tls;
import dev.batchwright.workbench.Way;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How the server serves. Names and defaults of what autobatcher has are autobatcher's.
 *
 * @param backend where requests go
 * @param mode how calls travel that say nothing else; empty: in batches where the backend takes
 *     them, live elsewhere
 * @param tls with which it is reached by https alone; empty: by http
 * @param hosting what the Batch API takes
 */
public record ServerOptions(
        Listen listen,
        Way.Said backend,
        Optional<Mode> mode,
        Batching batching,
        Optional<Tls> tls,
        Limits limits,
        BatchSettings hosting) {
    /**
     * Where it listens.
     *
     * @param port 0 for any free one
     */
    public record Listen(String host, int port) {
        /** Whether only this machine reaches it. */
        public boolean isLoopback() {
            return host.equals("localhost")
                    || host.equals("::1")
                    || host.equals("[::1]")
                    || LOOPBACK.matcher(host).matches();
        }

        private static final Pattern LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}");

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
        private static final int MOST_CALLS = 50_000;

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
            if (size < 1 || size > MOST_CALLS) {
                throw new IllegalArgumentException(
                        "A batch size is 1 to %,d, not %,d.".formatted(MOST_CALLS, size));
            }
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
                    Optional.empty(),
                    Limits.STANDARD,
                    BatchSettings.STANDARD);

    /** The same, listening elsewhere. */
    public ServerOptions at(Listen place) {
        return new ServerOptions(place, backend, mode, batching, tls, limits, hosting);
    }

    /** The same with another backend. */
    public ServerOptions before(Way.Said said) {
        return new ServerOptions(listen, said, mode, batching, tls, limits, hosting);
    }

    /** The same for calls that travel so. */
    public ServerOptions mode(Mode said) {
        return new ServerOptions(
                listen, backend, Optional.of(said), batching, tls, limits, hosting);
    }

    /** The same with batches made otherwise. */
    public ServerOptions batching(Batching other) {
        return new ServerOptions(listen, backend, mode, other, tls, limits, hosting);
    }

    /** The same, reached by https. */
    public ServerOptions secured(Tls other) {
        return new ServerOptions(
                listen, backend, mode, batching, Optional.of(other), limits, hosting);
    }

    /** The same with other limits. */
    public ServerOptions within(Limits other) {
        return new ServerOptions(listen, backend, mode, batching, tls, other, hosting);
    }

    /** The same with another Batch API. */
    public ServerOptions hosting(BatchSettings other) {
        return new ServerOptions(listen, backend, mode, batching, tls, limits, other);
    }
}
