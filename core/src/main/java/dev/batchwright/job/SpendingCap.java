package dev.batchwright.job;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What somebody may spend, at most, in all or in each day or month.
 *
 * @param amount the most
 * @param per how long it is for
 */
public record SpendingCap(Cost amount, Period per) {
    /** How long the money is for. Days and months are those of UTC. */
    public enum Period {
        /** For ever. */
        TOTAL,
        /** For each day. */
        DAY,
        /** For each calendar month. */
        MONTH;

        /**
         * When the one began that a moment is in.
         *
         * @param now the moment
         * @return its first moment; the epoch, where it is for ever
         */
        public Instant start(Instant now) {
            LocalDate day = LocalDate.ofInstant(now, ZoneOffset.UTC);
            return switch (this) {
                case TOTAL -> Instant.EPOCH;
                case DAY -> day.atStartOfDay(ZoneOffset.UTC).toInstant();
                case MONTH -> day.withDayOfMonth(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            };
        }

        /**
         * Its name in the configuration.
         *
         * @return a word
         */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * The one of this name.
         *
         * @param word as the configuration has it
         * @return empty if none is called so
         */
        public static Optional<Period> named(String word) {
            return Arrays.stream(values()).filter(per -> per.word().equals(word)).findFirst();
        }
    }

    @Override
    public String toString() {
        return per == Period.TOTAL ? amount.toString() : amount + " a " + per.word();
    }
}
