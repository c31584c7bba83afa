package dev.batchwright.cli.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Writes one JSON object a line. Of an exception that is not ours the message is left out: parsers
 * and databases quote in it what they were given, and that may be a prompt.
 */
final class JsonLogger extends LegacyAbstractLogger implements LoggingEventAware {
    private static final long serialVersionUID = 1;
    private static final JsonFactory JSON = new JsonFactory();
    private static final int FRAMES = 16;
    private static final int CAUSES = 5;

    JsonLogger(String name) {
        this.name = name;
    }

    @Override
    public void log(LoggingEvent event) {
        write(
                event.getLevel(),
                event.getMessage(),
                event.getArgumentArray(),
                event.getKeyValuePairs(),
                event.getThrowable());
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            String message,
            Object @Nullable [] arguments,
            @Nullable Throwable problem) {
        write(level, message, arguments, null, problem);
    }

    private void write(
            Level level,
            String message,
            Object @Nullable [] arguments,
            @Nullable List<KeyValuePair> pairs,
            @Nullable Throwable problem) {
        Logs.sink()
                .filter(sink -> sink.takes(name, level))
                .ifPresent(
                        sink ->
                                print(
                                        sink.out(),
                                        line(sink, level, message, arguments, pairs, problem)));
    }

    private byte[] line(
            Logs.Sink sink,
            Level level,
            String message,
            Object @Nullable [] arguments,
            @Nullable List<KeyValuePair> pairs,
            @Nullable Throwable problem) {
        var bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            json.writeStringProperty("ts", sink.clock().instant().toString());
            json.writeStringProperty("level", level.name().toLowerCase(Locale.ROOT));
            json.writeStringProperty("logger", name);
            json.writeStringProperty(
                    "message",
                    String.valueOf(MessageFormatter.basicArrayFormat(message, arguments)));
            if (pairs != null) {
                pairs.forEach(pair -> writePair(json, pair));
            }
            if (problem != null) {
                writeProblem(json, problem);
            }
            json.writeEndObject();
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }

    private static void writePair(JsonGenerator json, KeyValuePair pair) {
        switch (pair.value) {
            case Long number -> json.writeNumberProperty(pair.key, number);
            case Integer number -> json.writeNumberProperty(pair.key, number);
            case null -> json.writeNullProperty(pair.key);
            default -> json.writeStringProperty(pair.key, pair.value.toString());
        }
    }

    private static void writeProblem(JsonGenerator json, Throwable problem) {
        json.writeArrayPropertyStart("errors");
        Throwable next = problem;
        for (int i = 0; next != null && i < CAUSES; i++) {
            json.writeStartObject();
            json.writeStringProperty("type", next.getClass().getName());
            if (mayBeQuoted(next) && next.getMessage() != null) {
                json.writeStringProperty("message", next.getMessage());
            }
            json.writeArrayPropertyStart("at");
            StackTraceElement[] frames = next.getStackTrace();
            for (int frame = 0; frame < Math.min(FRAMES, frames.length); frame++) {
                json.writeString(frames[frame].toString());
            }
            json.writeEndArray();
            json.writeEndObject();
            next = next.getCause();
        }
        json.writeEndArray();
    }

    private static boolean mayBeQuoted(Throwable problem) {
        return problem.getClass().getName().startsWith("dev.batchwright.")
                || problem instanceof IOException;
    }

    /** A line is written as a whole, however many threads log. */
    private static void print(PrintStream out, byte[] line) {
        out.write(line, 0, line.length);
        out.flush();
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    private boolean takes(Level level) {
        return Logs.sink().filter(sink -> sink.takes(name, level)).isPresent();
    }

    @Override
    public boolean isTraceEnabled() {
        return takes(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return takes(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return takes(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return takes(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return takes(Level.ERROR);
    }
}
