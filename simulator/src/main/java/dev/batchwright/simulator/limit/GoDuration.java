package dev.batchwright.simulator.limit;

import java.math.BigDecimal;

/** Durations as Go prints them, and so OpenAI: {@code 12ms}, {@code 8.64s}, {@code 6m0s}. */
final class GoDuration {
    private GoDuration() {}

    /** Rounded up to whole milliseconds. */
    static String of(long nanos) {
        long millis = Math.max(0, (nanos + 999_999) / 1_000_000);
        if (millis == 0) {
            return "0s";
        }
        if (millis < 1000) {
            return millis + "ms";
        }
        long minutes = millis / 60_000;
        String seconds =
                BigDecimal.valueOf(millis % 60_000, 3).stripTrailingZeros().toPlainString() + "s";
        if (minutes == 0) {
            return seconds;
        }
        return minutes < 60
                ? minutes + "m" + seconds
                : minutes / 60 + "h" + minutes % 60 + "m" + seconds;
    }
}
