package dev.batchwright.simulator.bill;

import dev.batchwright.simulator.wire.Json;

import tools.jackson.core.JsonGenerator;

import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;

/** The bill as JSON, for the status address. */
public final class BillReport {
    private static final int LISTED = 100;
    private static final int SECONDS = 600;

    private BillReport() {}

    /** Everything; {@code window} is a further span for which to report the most arrivals. */
    public static byte[] of(Bill bill, Duration window) {
        return Json.write(
                json -> {
                    json.writeStartObject();
                    json.writeNumberProperty("arrived", bill.arrived());
                    json.writeNumberProperty("accepted", bill.accepted());
                    json.writeNumberProperty("executed", bill.executed());
                    json.writeNumberProperty("spoiled", bill.spoiled());
                    json.writeNumberProperty("abandoned", bill.abandoned());
                    json.writeNumberProperty("refused", bill.refused());
                    json.writeNumberProperty("distinct", bill.distinct());
                    counts(json, "refused_by_reason", bill.refusedByReason());
                    counts(json, "spoiled_by_fault", bill.spoiledByFault());
                    executions(json, bill);
                    json.writeObjectPropertyStart("tokens");
                    json.writeNumberProperty("prompt", bill.promptTokens());
                    json.writeNumberProperty("completion", bill.completionTokens());
                    json.writeNumberProperty(
                            "total", bill.promptTokens() + bill.completionTokens());
                    json.writeEndObject();
                    json.writeObjectPropertyStart("concurrency");
                    json.writeNumberProperty("now", bill.running());
                    json.writeNumberProperty("max", bill.mostRunning());
                    json.writeEndObject();
                    rate(json, "arrivals", bill.arrivals(), window);
                    rate(json, "acceptances", bill.acceptances(), window);
                    json.writeEndObject();
                });
    }

    /** One request, by at least 16 hexadecimal digits of its hash. */
    public static byte[] of(Bill bill, String hash) {
        RequestCount count = bill.count(HexFormat.fromHexDigitsToLong(hash.substring(0, 16)));
        return Json.write(
                json -> {
                    json.writeStartObject();
                    json.writeStringProperty("request", hash);
                    json.writeNumberProperty("attempts", count.attempts());
                    json.writeNumberProperty("executed", count.executed());
                    json.writeNumberProperty("spoiled", count.spoiled());
                    json.writeEndObject();
                });
    }

    private static void executions(JsonGenerator json, Bill bill) {
        json.writeObjectPropertyStart("executions");
        bill.histogram()
                .forEach((times, requests) -> json.writeNumberProperty("" + times, requests));
        json.writeEndObject();
        json.writeArrayPropertyStart("executed_twice");
        var listed = new int[1];
        bill.forEach(
                (id, attempts, executions, spoiled) -> {
                    if (executions > 1 && listed[0]++ < LISTED) {
                        json.writeStartObject();
                        json.writeStringProperty("request", HexFormat.of().toHexDigits(id));
                        json.writeNumberProperty("attempts", attempts);
                        json.writeNumberProperty("executed", executions);
                        json.writeNumberProperty("spoiled", spoiled);
                        json.writeEndObject();
                    }
                });
        json.writeEndArray();
    }

    private static void rate(JsonGenerator json, String name, ArrivalLog log, Duration window) {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty("max_per_second", log.maxIn(Duration.ofSeconds(1)));
        json.writeNumberProperty("max_per_minute", log.maxIn(Duration.ofMinutes(1)));
        json.writeNumberProperty("window_ms", window.toMillis());
        json.writeNumberProperty("max_in_window", log.maxIn(window));
        json.writeArrayPropertyStart("per_second");
        for (int count : log.perSecond(SECONDS)) {
            json.writeNumber(count);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void counts(JsonGenerator json, String name, Map<String, Long> counts) {
        json.writeObjectPropertyStart(name);
        counts.forEach(json::writeNumberProperty);
        json.writeEndObject();
    }
}
