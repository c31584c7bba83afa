package dev.batchwright.server.events;

import dev.batchwright.collect.CollectorEvent;

import tools.jackson.databind.json.JsonMapper;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tells what happens in the life of the server and of its batches: a JSON object a line, its keys
 * sorted, with {@code source}, {@code event} and {@code ts} in each. Thread-safe.
 */
public final class EventLog {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final InstantSource clock;
    private final PrintStream out;

    /**
     * @param out gets the lines, each at once
     */
    public EventLog(InstantSource clock, PrintStream out) {
        this.clock = clock;
        this.out = out;
    }

    /** Tells of something that happens now. */
    public void tell(String event, Map<String, ?> fields) {
        var line = new TreeMap<String, Object>(fields);
        line.put("source", "batchwright");
        line.put("event", event);
        line.put("ts", BigDecimal.valueOf(clock.millis(), 3)); // Seconds, as autobatcher's.
        write(JSON.writeValueAsString(line));
    }

    /** Tells of something that happened to batches of calls. */
    public void tell(CollectorEvent event) {
        write(event.toJson());
    }

    private void write(String line) {
        out.println(line);
        out.flush();
    }
}
