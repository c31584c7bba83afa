package dev.batchwright.provider;

import dev.batchwright.job.Request;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The adapter of one API. Thread-safe; owns its connections until it is closed. */
public interface Provider extends AutoCloseable {
    /** Its name in {@code -p}, in {@code provider/model} and in the configuration. */
    String name();

    /** Calls made now, one by one. */
    LiveApi live();

    /** Its batch API; empty where it has none. */
    default Optional<BatchApi> batch() {
        return Optional.empty();
    }

    /**
     * Whose limits and queues its calls share, in one word: the provider, where it is, and the name
     * of the key's variable.
     */
    default String account() {
        return name();
    }

    /**
     * Why this request can't be put to the provider, as a clause that names what it lacks; empty if
     * it can. Asked for every item before anything is sent, so it must be quick.
     */
    default Optional<String> refusal(Request request) {
        return Optional.empty();
    }

    /** The calls at once that suit it, where that need not be found by trial. */
    default OptionalInt concurrency() {
        return OptionalInt.empty();
    }

    /** The names of its models, as it says itself; empty where it does not say. */
    default List<String> models() throws InterruptedException {
        return List.of();
    }

    @Override
    void close();
}
