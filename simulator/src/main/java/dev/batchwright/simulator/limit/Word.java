package dev.batchwright.simulator.limit;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The text form of an enum: its names in lower case. */
final class Word {
    private Word() {}

    static <E extends Enum<E>> E parse(Class<E> type, String what, String text) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(text.strip().toUpperCase(Locale.ROOT))) {
                return constant;
            }
        }
        throw new IllegalArgumentException(
                "'%s' is not a %s; one of: %s"
                        .formatted(
                                text,
                                what,
                                Arrays.stream(type.getEnumConstants())
                                        .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", "))));
    }
}
