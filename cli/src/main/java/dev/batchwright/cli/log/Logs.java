package dev.batchwright.cli.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

import java.io.PrintStream;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the log of this process goes: nowhere, until a command opens it. slf4j finds this class by
 * its name in {@code META-INF/services}, and makes the one instance; so where it writes to belongs
 * to the class.
 */
public final class Logs implements SLF4JServiceProvider {
    // Set by the command that opens the log; read by whoever logs.
    private static volatile @Nullable Sink sink;

    private final Map<String, Logger> loggers = new ConcurrentHashMap<>();
    private final BasicMarkerFactory markers = new BasicMarkerFactory();
    private final NOPMDCAdapter noContext = new NOPMDCAdapter();

    /** Where lines go, and which. */
    record Sink(Level least, PrintStream out, Clock clock) {
        private static final String OURS = "dev.batchwright.";

        /** Of other people's code only what is worth a warning is written. */
        boolean takes(String logger, Level level) {
            boolean ours = logger.startsWith(OURS) || logger.equals("access");
            return level.toInt()
                    >= (ours ? least.toInt() : Math.max(least.toInt(), Level.WARN.toInt()));
        }
    }

    /** From now on lines of this level and above are written. */
    public static void open(Level least, PrintStream out, Clock clock) {
        sink = new Sink(least, out, clock);
    }

    /** From now on nothing is written. */
    public static void close() {
        sink = null;
    }

    static Optional<Sink> sink() {
        return Optional.ofNullable(sink);
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return name -> loggers.computeIfAbsent(name, JsonLogger::new);
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return noContext;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    @Override
    public void initialize() {
        // Nothing to prepare.
    }
}
