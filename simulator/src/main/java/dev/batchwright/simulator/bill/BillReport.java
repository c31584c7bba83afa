package dev.batchwright.simulator.bill;

import dev.batchwright.simulator.wire.Json;

import tools.jackson.core.JsonGenerator;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

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
                    batchLane(json, bill);
                    cost(json, bill);
                    json.writeNumberProperty("keys_leaked", bill.keysLeaked());
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
                    json.writeNumberProperty("executed_in_batches", count.inBatches());
                    json.writeEndObject();
                });
    }

    /** The batches, in the order of creation. */
    public static byte[] batches(Bill bill) {
        List<BatchEntry> entries = bill.batches();
        return Json.write(
                json -> {
                    json.writeStartObject();
                    batches(json, entries);
                    json.writeEndObject();
                });
    }

    private static void batchLane(JsonGenerator json, Bill bill) {
        List<BatchEntry> entries = bill.batches();
        json.writeObjectPropertyStart("batch_lane");
        json.writeNumberProperty("created", entries.size());
        json.writeNumberProperty("executed", bill.executedInBatches());
        json.writeObjectPropertyStart("executions");
        bill.batchHistogram()
                .forEach((times, requests) -> json.writeNumberProperty("" + times, requests));
        json.writeEndObject();
        json.writeArrayPropertyStart("executed_twice");
        listed(json, bill, RequestCount::inBatches);
        json.writeEndArray();
        json.writeNumberProperty("executed_twice_in_any_lane", bill.executedTwiceAnywhere());
        json.writeObjectPropertyStart("tokens");
        json.writeNumberProperty("prompt", bill.batchPromptTokens());
        json.writeNumberProperty("completion", bill.batchCompletionTokens());
        json.writeEndObject();
        batches(json, entries);
        json.writeEndObject();
    }

    private static void batches(JsonGenerator json, List<BatchEntry> entries) {
        json.writeArrayPropertyStart("batches");
        for (BatchEntry entry : entries) {
            json.writeStartObject();
            json.writeStringProperty("id", entry.id());
            json.writeStringProperty("name", entry.name());
            json.writeObjectPropertyStart("metadata");
            entry.metadata().forEach(json::writeStringProperty);
            json.writeEndObject();
            json.writeArrayPropertyStart("inputs");
            entry.inputs().forEach(json::writeString);
            json.writeEndArray();
            json.writeStringProperty("state", entry.state());
            json.writeStringProperty("created_at", entry.createdAt().toString());
            json.writeNumberProperty("requests", entry.requests());
            json.writeNumberProperty("paid", entry.paid());
            json.writeNumberProperty("prompt_tokens", entry.promptTokens());
            json.writeNumberProperty("completion_tokens", entry.completionTokens());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void cost(JsonGenerator json, Bill bill) {
        Price price = bill.price();
        if (price.given()) {
            json.writeObjectPropertyStart("cost_usd");
            json.writeNumberProperty(
                    "live", price.live(bill.promptTokens(), bill.completionTokens()));
            json.writeNumberProperty(
                    "batch", price.batch(bill.batchPromptTokens(), bill.batchCompletionTokens()));
            json.writeEndObject();
        }
    }

    private static void executions(JsonGenerator json, Bill bill) {
        json.writeObjectPropertyStart("executions");
        bill.histogram()
                .forEach((times, requests) -> json.writeNumberProperty("" + times, requests));
        json.writeEndObject();
        json.writeArrayPropertyStart("executed_twice");
        listed(json, bill, RequestCount::executed);
        json.writeEndArray();
    }

    /** The first requests that were executed more than once, by this count. */
    private static void listed(
            JsonGenerator json, Bill bill, ToIntFunction<RequestCount> executions) {
        var listed = new int[1];
        bill.forEach(
                (id, count) -> {
                    if (executions.applyAsInt(count) > 1 && listed[0]++ < LISTED) {
                        json.writeStartObject();
                        json.writeStringProperty("request", HexFormat.of().toHexDigits(id));
                        json.writeNumberProperty("attempts", count.attempts());
                        json.writeNumberProperty("executed", count.executed());
                        json.writeNumberProperty("spoiled", count.spoiled());
                        json.writeNumberProperty("executed_in_batches", count.inBatches());
                        json.writeEndObject();
                    }
                });
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
