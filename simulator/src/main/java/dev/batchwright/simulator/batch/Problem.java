package dev.batchwright.simulator.batch;

import java.util.Optional;
import java.util.OptionalLong;

/** Why a batch fails as a whole, in its provider's words. */
public record Problem(String code, String message, Optional<String> param, OptionalLong line) {
    public static Problem of(String code, String message) {
        return new Problem(code, message, Optional.empty(), OptionalLong.empty());
    }

    /** The same, with the parameter that is to blame. */
    public Problem about(String name) {
        return new Problem(code, message, Optional.of(name), line);
    }
}
