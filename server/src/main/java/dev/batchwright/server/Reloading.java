package dev.batchwright.server;

import dev.batchwright.config.ConfigurationException;
import dev.batchwright.config.ServeConfig;
import dev.batchwright.server.access.Allowances;
import dev.batchwright.server.access.Budgets;
import dev.batchwright.server.access.Gate;
import dev.batchwright.server.access.Keys;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.RefusedException;
import dev.batchwright.workbench.Workbench;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Takes over keys, their limits and budgets, and the rules for models from a configuration that was
 * changed: when its file changed, or when somebody says so. A configuration that can't be used
 * changes nothing, and is reported. Everything else that is configured counts from the next start
 * on.
 */
final class Reloading implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final Workbench workbench;
    private final ServerOptions.Listen place;
    private final Gate gate;
    private final Allowances allowances;
    private final Budgets budgets;
    private final EventLog events;
    private final AtomicReference<ServeConfig> current;
    private final CountDownLatch closed = new CountDownLatch(1);
    private Optional<Stamp> stamp = Optional.empty(); // The watching thread's own.

    private record Stamp(Path file, FileTime modified, long size) {}

    Reloading(
            Workbench workbench,
            ServerOptions.Listen place,
            Gate gate,
            Allowances allowances,
            Budgets budgets,
            EventLog events) {
        this.workbench = workbench;
        this.place = place;
        this.gate = gate;
        this.allowances = allowances;
        this.budgets = budgets;
        this.events = events;
        this.current = new AtomicReference<>(workbench.configuration().serve());
    }

    /** What counts now. */
    ServeConfig current() {
        return current.get();
    }

    void watch() {
        stamp = stamp();
        Thread.ofVirtual().name("configuration").start(this::look);
    }

    private void look() {
        try {
            while (!closed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                Optional<Stamp> now = stamp();
                if (!now.equals(stamp)) {
                    stamp = now;
                    reload();
                }
            }
        } catch (InterruptedException e) {
            // Means the same as close.
        }
    }

    /** How the file that counts looks from outside; a second's precision is made up for by size. */
    private Optional<Stamp> stamp() {
        Optional<Path> file = workbench.configuration().file();
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new Stamp(
                            file.get(),
                            Files.getLastModifiedTime(file.get()),
                            Files.size(file.get())));
        } catch (IOException unreadable) {
            return Optional.empty(); // Being replaced, or gone: said when it is read.
        }
    }

    /** Reads the configuration again; says whether it counts now. */
    synchronized boolean reload() {
        try {
            Workbench.Reading reading = workbench.readAgain();
            ServeConfig serve = reading.configuration().serve();
            Keys keys = Keys.of(serve, reading.environment());
            Server.checkKeys(place, keys);
            budgets.change(serve);
            gate.change(keys);
            allowances.change(keys, System.nanoTime());
            current.set(serve);
            events.tell(
                    "configuration_reloaded",
                    Map.of("keys", serve.keys().size(), "models", serve.modes().size()));
            return true;
        } catch (ConfigurationException | RefusedException | StoreException e) {
            String problem = String.valueOf(e.getMessage());
            LOG.error("The configuration was not taken over, the former one counts: {}", problem);
            events.tell("configuration_refused", Map.of("error", problem));
            return false;
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
