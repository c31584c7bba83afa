package dev.batchwright;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Who wants to be told of a job, and by whom. */
record Listeners<T>(
        Optional<Consumer<JobStatus>> onProgress,
        Optional<Consumer<Result<T>>> onResult,
        Optional<Consumer<JobStatus>> onCompletion,
        Executor executor) {
    static <T> Listeners<T> none() {
        return new Listeners<>(Optional.empty(), Optional.empty(), Optional.empty(), Runnable::run);
    }

    boolean anyone() {
        return onProgress.isPresent() || onResult.isPresent() || onCompletion.isPresent();
    }

    /** These, for a job whose answers are read as something else. */
    <R> Listeners<R> retyped() {
        if (onResult.isPresent()) {
            throw new IllegalStateException(
                    "onResult was said before returning, and expects another type. Say returning"
                            + " first.");
        }
        return new Listeners<>(onProgress, Optional.empty(), onCompletion, executor);
    }

    Listeners<T> withProgress(Consumer<JobStatus> callback) {
        return new Listeners<>(Optional.of(callback), onResult, onCompletion, executor);
    }

    Listeners<T> withResult(Consumer<Result<T>> callback) {
        return new Listeners<>(onProgress, Optional.of(callback), onCompletion, executor);
    }

    Listeners<T> withCompletion(Consumer<JobStatus> callback) {
        return new Listeners<>(onProgress, onResult, Optional.of(callback), executor);
    }

    Listeners<T> withExecutor(Executor caller) {
        return new Listeners<>(onProgress, onResult, onCompletion, caller);
    }
}
