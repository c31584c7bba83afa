package dev.batchwright.server.page;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
    private Figures() {}

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** In few characters: {@code 9,999}, {@code 12.3k}, {@code 4.56M}. */
    static String brief(long number) {
        if (number < 10_000) {
            return count(number);
        }
        if (number < 1_000_000) {
            return String.format(Locale.ROOT, "%.1fk", number / 1e3);
        }
        return number < 1_000_000_000
                ? String.format(Locale.ROOT, "%.2fM", number / 1e6)
                : String.format(Locale.ROOT, "%.2fG", number / 1e9);
    }

    static String perSecond(double rate) {
        if (rate == 0) {
            return "0/s";
        }
        return rate < 10
                ? String.format(Locale.ROOT, "%.1f/s", rate)
                : String.format(Locale.ROOT, "%,.0f/s", rate);
    }

    /** Whole percents, and 100 only when all is done. */
    static int percent(long part, long whole) {
        return whole == 0 ? 0 : (int) (part * 100 / whole);
    }

    static String bytes(long size) {
        if (size < 1_000) {
            return size + " B";
        }
        return size < 1_000_000
                ? String.format(Locale.ROOT, "%.1f kB", size / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", size / 1e6);
    }

    /** The two largest units: {@code 3d 04h}, {@code 1h 02m}, {@code 3m 05s}, {@code 12s}. */
    static String span(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds >= 86_400) {
            return String.format(Locale.ROOT, "%dd %02dh", seconds / 86_400, seconds / 3_600 % 24);
        }
        if (seconds >= 3_600) {
            return String.format(Locale.ROOT, "%dh %02dm", seconds / 3_600, seconds / 60 % 60);
        }
        if (seconds >= 60) {
            return String.format(Locale.ROOT, "%dm %02ds", seconds / 60, seconds % 60);
        }
        return seconds + "s";
    }
}
