package dev.batchwright.schema;

/**
 * What came of reading an answer: a value, or the reason why there is none.
 *
 * @param <T> the type of the value
 */
public sealed interface Parsed<T> {
    /**
     * The answer fits.
     *
     * @param <T> the type of the value
     * @param value what was read
     */
    record Valid<T>(T value) implements Parsed<T> {}

    /**
     * The answer does not fit.
     *
     * @param <T> the type that the value would have
     * @param reason in words for whoever is to mend it, person or model, with the place: {@code
     *     $.items[2].price: expected a number, got a string}; several, where several are wrong,
     *     parted by {@code "; "}. It quotes nothing of the answer, except what a record's own
     *     constructor chose to say.
     * @param path of the first thing that is wrong, from the root {@code $}
     */
    record Invalid<T>(String reason, String path) implements Parsed<T> {}
}
