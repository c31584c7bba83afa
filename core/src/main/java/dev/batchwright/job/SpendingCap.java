package dev.batchwright.job;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What somebody may spend, at most, in all or in each day or month. */
public record SpendingCap(Cost amount, Period per) {
    /** How long the money is for. Days and months are those of UTC. */
    public enum Period {
        /** For ever. */
        TOTAL,
        DAY,
        MONTH;

        /** When the one began that this moment is in. */
        public Instant start(Instant now) {
            LocalDate day = LocalDate.ofInstant(now, ZoneOffset.UTC);
            return switch (this) {
                case TOTAL -> Instant.EPOCH;
                case DAY -> day.atStartOfDay(ZoneOffset.UTC).toInstant();
                case MONTH -> day.withDayOfMonth(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            };
        }

        /** Its name in the configuration. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The one of this name. */
        public static Optional<Period> named(String word) {
            return Arrays.stream(values()).filter(per -> per.word().equals(word)).findFirst();
        }
    }

    @Override
    public String toString() {
        return per == Period.TOTAL ? amount.toString() : amount + " a " + per.word();
    }
}
