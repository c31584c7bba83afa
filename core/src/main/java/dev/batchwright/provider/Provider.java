package dev.batchwright.provider;

/** The adapter of one API. Thread-safe; owns its connections until it is closed. */
public interface Provider extends AutoCloseable {
    /** Its name in {@code -p}, in {@code provider/model} and in the configuration. */
    String name();

    /** Calls made now, one by one. */
    LiveApi live();

    @Override
    void close();
}
