package dev.batchwright.server.page;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Lane;
import dev.batchwright.price.PriceTable;
import dev.batchwright.store.Views.Stretch;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What was counted over time, for a chart: a column for each figure, without gaps. */
final class Series {
    private final Instant from;
    private final Duration width;
    private final long[] succeeded;
    private final long[] failed;
    private final long[] spent;
    private final long[] saved;

    private Series(Instant from, Duration width, int size) {
        this.from = from;
        this.width = width;
        this.succeeded = new long[size];
        this.failed = new long[size];
        this.spent = new long[size];
        this.saved = new long[size];
    }

    /**
     * @param from where the chart begins, at the latest with the first stretch
     * @param to where it ends
     */
    static Series of(
            List<Stretch> stretches, Duration width, Instant from, Instant to, PriceTable prices) {
        long first = from.toEpochMilli() / width.toMillis();
        int size = (int) (to.toEpochMilli() / width.toMillis() - first) + 1;
        var series = new Series(Instant.ofEpochMilli(first * width.toMillis()), width, size);
        for (Stretch each : stretches) {
            int place = (int) (each.at().toEpochMilli() / width.toMillis() - first);
            if (place >= 0 && place < size) {
                series.add(place, each, prices);
            }
        }
        return series;
    }

    private void add(int place, Stretch stretch, PriceTable prices) {
        succeeded[place] += stretch.succeeded();
        failed[place] += stretch.failed();
        spent[place] += stretch.cost().picoUsd();
        if (stretch.lane() == Lane.BATCH) {
            saved[place] +=
                    prices.saved(
                                    stretch.provider(),
                                    stretch.model(),
                                    stretch.usage(),
                                    stretch.cost())
                            .map(Cost::picoUsd)
                            .orElse(0L);
        }
    }

    int size() {
        return succeeded.length;
    }

    /** Of each stretch. */
    Duration width() {
        return width;
    }

    /** Items that succeeded in a stretch. */
    long succeeded(int place) {
        return succeeded[place];
    }

    /** Items that failed in it. */
    long failed(int place) {
        return failed[place];
    }

    /** What was spent in it. */
    Cost spent(int place) {
        return new Cost(spent[place]);
    }

    /** What batches saved in it against live calls, where prices are known. */
    Cost saved(int place) {
        return new Cost(saved[place]);
    }

    long allSucceeded() {
        return Arrays.stream(succeeded).sum();
    }

    long allFailed() {
        return Arrays.stream(failed).sum();
    }

    Instant at(int place) {
        return from.plus(width.multipliedBy(place));
    }

    Cost allSpent() {
        return sum(spent);
    }

    Cost allSaved() {
        return sum(saved);
    }

    private static Cost sum(long[] amounts) {
        return new Cost(Arrays.stream(amounts).sum());
    }

    /**
     * For the script: seconds of the epoch, items a second that succeeded and failed, and dollars
     * spent and saved up to then.
     */
    String json() {
        var out = new StringBuilder(64 + 40 * size());
        column(out.append("{\"width\":").append(width.toSeconds()).append(','), "at", this::second);
        column(out.append(','), "succeeded", place -> rate(succeeded[place]));
        column(out.append(','), "failed", place -> rate(failed[place]));
        money(out.append(','), "spent", spent);
        money(out.append(','), "saved", saved);
        return out.append('}').toString();
    }

    private interface Column {
        String at(int place);
    }

    private void column(StringBuilder out, String name, Column values) {
        out.append('"').append(name).append("\":[");
        for (int place = 0; place < size(); place++) {
            out.append(place == 0 ? "" : ",").append(values.at(place));
        }
        out.append(']');
    }

    private String second(int place) {
        return Long.toString(at(place).getEpochSecond());
    }

    private String rate(long items) {
        return items == 0
                ? "0"
                : String.format(Locale.ROOT, "%.4g", (double) items / width.toSeconds());
    }

    private void money(StringBuilder out, String name, long[] amounts) {
        var sum = new long[1];
        column(
                out,
                name,
                place -> {
                    sum[0] += amounts[place];
                    return sum[0] == 0
                            ? "0"
                            : new Cost(sum[0]).usd().stripTrailingZeros().toPlainString();
                });
    }
}
