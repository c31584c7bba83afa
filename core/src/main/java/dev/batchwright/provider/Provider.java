package dev.batchwright.provider;

import java.util.OptionalInt;

/** The adapter of one API. Thread-safe; owns its connections until it is closed. */
public interface Provider extends AutoCloseable {
    /** Its name in {@code -p}, in {@code provider/model} and in the configuration. */
    String name();

    /** Calls made now, one by one. */
    LiveApi live();

    /** The calls at once that suit it, where that need not be found by trial. */
    default OptionalInt concurrency() {
        return OptionalInt.empty();
    }

    @Override
    void close();
}
