package dev.batchwright;

import dev.batchwright.config.ConfigurationException;
import dev.batchwright.input.InputException;
import dev.batchwright.store.JobInUseException;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.RefusedException;

import java.util.function.Supplier;

/** The door between what the parts throw and what users of the library catch. */
final class Failures {
    private Failures() {}

    static <R> R translated(Supplier<R> action) {
        try {
            return action.get();
        } catch (RuntimeException e) {
            throw of(e);
        }
    }

    /** As users know it; what is not expected stays as it is. */
    static RuntimeException of(RuntimeException e) {
        return switch (e) {
            case RefusedException refused -> new InvalidJobException(refused);
            case InputException wrong -> new InvalidJobException(wrong);
            case ConfigurationException wrong -> new InvalidJobException(wrong);
            case JobInUseException busy -> new InvalidJobException(busy);
            case StoreException failed ->
                    new StoreFailedException(String.valueOf(failed.getMessage()), failed);
            default -> e;
        };
    }
}
