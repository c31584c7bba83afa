package dev.batchwright.collect;

import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How calls are gathered, and where they go. The names and defaults of what autobatcher has are
 * autobatcher's.
 *
 * @param scope names the program, or the part of it, whose calls are one another's: only within a
 *     scope does an equal call get the answer that was paid for
 * @param provider that gets the calls; empty: the model's, where its name leaves no doubt
 * @param baseUrl of the server, where it is not the provider's own
 * @param apiKeyEnv the variable that holds the key, where it is not the provider's usual one
 * @param store where jobs are kept, a path or a PostgreSQL URL; empty: as configured, else {@code
 *     ~/.batchwright/batchwright.db}
 * @param batchWindow how long the first call of a group waits for others
 * @param batchSize as many calls close a group at once
 * @param batchBytes as many bytes of bodies do, too
 * @param pollInterval between two looks at a batch; empty: adapts itself
 * @param completionWindow that is asked of the provider; empty: its usual one, 24 h
 * @param metadata for each batch at the provider
 * @param cancelOnClose whether closing cancels what is under way; else it goes on at the provider,
 *     and is found again
 * @param deadline how long a call waits that says nothing else; empty: as long as it takes
 * @param mode {@link Mode#BATCH} makes a batch of each group; {@link Mode#AUTO} sends those live
 *     that a batch would save little for, and what is left when a deadline nears
 * @param reuse how long an answer may be given to an equal call of a program that was started again
 * @param serving there where it works for a server; empty for one program
 * @param listener is told what happens to batches, by a thread of the collector's
 */
public record CollectorOptions(
        String scope,
        Optional<String> provider,
        Optional<String> baseUrl,
        Optional<String> apiKeyEnv,
        Optional<String> store,
        Duration batchWindow,
        int batchSize,
        long batchBytes,
        Optional<Duration> pollInterval,
        Optional<Duration> completionWindow,
        Map<String, String> metadata,
        boolean cancelOnClose,
        Optional<Duration> deadline,
        Mode mode,
        Duration reuse,
        Optional<Serving> serving,
        Consumer<CollectorEvent> listener) {
    private static final int MOST_CALLS = 50_000;

    /**
     * Callers that come and go, and come again: their calls are durable when they are accepted, and
     * are known again by what is asked alone, by owner, whoever asks and how often.
     *
     * @param mostWaiting calls that may wait for their answer here at once
     * @param mostBytes of bodies that wait to be stored
     * @param fittingMode whether calls that say no mode travel in batches where their provider
     *     takes those, and live elsewhere; else in the mode of the options
     * @param modes in which calls of a model travel that say nothing else, if there is a rule for
     *     it
     */
    public record Serving(
            long mostWaiting,
            long mostBytes,
            boolean fittingMode,
            Function<String, Optional<Mode>> modes) {
        /**
         * Checks itself.
         *
         * @throws IllegalArgumentException if a number is below 1
         */
        public Serving {
            if (mostWaiting < 1 || mostBytes < 1) {
                throw new IllegalArgumentException(
                        "At least one call, and one byte, must be let in.");
            }
        }
    }

    /** Checks itself; the message of a refusal says what is accepted. */
    public CollectorOptions {
        if (batchWindow.isNegative()) {
            throw new IllegalArgumentException("A batch window is at least zero.");
        }
        if (batchSize < 1 || batchSize > MOST_CALLS) {
            throw new IllegalArgumentException(
                    "A batch size is 1 to %,d, not %,d.".formatted(MOST_CALLS, batchSize));
        }
        if (batchBytes < 1) {
            throw new IllegalArgumentException("Batch bytes are at least 1.");
        }
        longerThanZero("A deadline", deadline);
        longerThanZero("A poll interval", pollInterval);
        longerThanZero("A completion window", completionWindow);
        if (reuse.isNegative()) {
            throw new IllegalArgumentException("Answers are kept for reuse for at least zero.");
        }
        metadata = Map.copyOf(metadata);
        Optional<String> problem = JobSpec.problemOf(metadata);
        if (problem.isPresent()) {
            throw new IllegalArgumentException("Metadata " + problem.get());
        }
    }

    private static void longerThanZero(String what, Optional<Duration> span) {
        if (span.filter(it -> !it.isPositive()).isPresent()) {
            throw new IllegalArgumentException(what + " is longer than zero.");
        }
    }

    /**
     * These, with a provider where none is named; a base URL alone means a compatible server, and
     * stays alone.
     *
     * @param usual as in {@code openai}
     * @return these, or new ones
     */
    public CollectorOptions orProvider(String usual) {
        return provider.isPresent() || baseUrl.isPresent()
                ? this
                : new CollectorOptions(
                        scope,
                        Optional.of(usual),
                        baseUrl,
                        apiKeyEnv,
                        store,
                        batchWindow,
                        batchSize,
                        batchBytes,
                        pollInterval,
                        completionWindow,
                        metadata,
                        cancelOnClose,
                        deadline,
                        mode,
                        reuse,
                        serving,
                        listener);
    }

    /** {@return a builder that has the defaults} */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds options. Not thread-safe. */
    public static final class Builder {
        private String scope = "default";
        private Optional<String> provider = Optional.empty();
        private Optional<String> baseUrl = Optional.empty();
        private Optional<String> apiKeyEnv = Optional.empty();
        private Optional<String> store = Optional.empty();
        private Duration batchWindow = Duration.ofSeconds(10);
        private int batchSize = 1_000;
        private long batchBytes = 64 << 20;
        private Optional<Duration> pollInterval = Optional.empty();
        private Optional<Duration> completionWindow = Optional.empty();
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private boolean cancelOnClose;
        private Optional<Duration> deadline = Optional.empty();
        private Mode mode = Mode.BATCH;
        private Duration reuse = Duration.ofHours(24);
        private Optional<Serving> serving = Optional.empty();
        private Consumer<CollectorEvent> listener = event -> {};

        private Builder() {}

        /**
         * Names whose calls these are; {@code default} without it.
         *
         * @param value not blank
         * @return this builder
         */
        public Builder scope(String value) {
            scope = value;
            return this;
        }

        /**
         * Says who gets the calls.
         *
         * @param value as in {@code openai}
         * @return this builder
         */
        public Builder provider(String value) {
            provider = Optional.of(value);
            return this;
        }

        /**
         * Says which server gets the calls.
         *
         * @param value as its own SDK takes it: OpenAI's ends in {@code /v1}
         * @return this builder
         */
        public Builder baseUrl(String value) {
            baseUrl = Optional.of(value);
            return this;
        }

        /**
         * Says which variable of the environment holds the key.
         *
         * @param value its name; never the key itself
         * @return this builder
         */
        public Builder apiKeyEnv(String value) {
            apiKeyEnv = Optional.of(value);
            return this;
        }

        /**
         * Says where jobs are kept.
         *
         * @param value a path or a PostgreSQL URL
         * @return this builder
         */
        public Builder store(String value) {
            store = Optional.of(value);
            return this;
        }

        /**
         * Says how long the first call of a group waits for others; 10 s without it.
         *
         * @param value zero makes a group of each call
         * @return this builder
         */
        public Builder batchWindow(Duration value) {
            batchWindow = value;
            return this;
        }

        /**
         * Says how many calls close a group at once; 1,000 without it.
         *
         * @param value 1 to 50,000
         * @return this builder
         */
        public Builder batchSize(int value) {
            batchSize = value;
            return this;
        }

        /**
         * Says how many bytes of bodies close a group at once; 64 MB without it.
         *
         * @param value at least 1
         * @return this builder
         */
        public Builder batchBytes(long value) {
            batchBytes = value;
            return this;
        }

        /**
         * Says how long to wait between two looks at a batch; adapts itself without it.
         *
         * @param value longer than zero
         * @return this builder
         */
        public Builder pollInterval(Duration value) {
            pollInterval = Optional.of(value);
            return this;
        }

        /**
         * Says how long a batch may take at the provider, as far as it offers a choice.
         *
         * @param value longer than zero
         * @return this builder
         */
        public Builder completionWindow(Duration value) {
            completionWindow = Optional.of(value);
            return this;
        }

        /**
         * Adds a pair that each batch carries at the provider.
         *
         * @param key 1 to 64 characters; takes the place of an equal one
         * @param value up to 512 characters
         * @return this builder
         */
        public Builder metadata(String key, String value) {
            metadata.put(key, value);
            return this;
        }

        /**
         * Says whether closing cancels what is under way; without it, that goes on.
         *
         * @param value whether it does
         * @return this builder
         */
        public Builder cancelOnClose(boolean value) {
            cancelOnClose = value;
            return this;
        }

        /**
         * Says how long a call waits that says nothing else; without it, as long as it takes.
         *
         * @param value longer than zero
         * @return this builder
         */
        public Builder deadline(Duration value) {
            deadline = Optional.of(value);
            return this;
        }

        /**
         * Says which lanes calls may take; batches alone without it.
         *
         * @param value what is allowed
         * @return this builder
         */
        public Builder mode(Mode value) {
            mode = value;
            return this;
        }

        /**
         * Says how long answers may be given again after a restart; 24 h without it.
         *
         * @param value zero: never
         * @return this builder
         */
        public Builder reuse(Duration value) {
            reuse = value;
            return this;
        }

        /**
         * Makes it fit for a server.
         *
         * @param value its limits and rules
         * @return this builder
         */
        public Builder serving(Serving value) {
            serving = Optional.of(value);
            return this;
        }

        /**
         * Says who is told what happens to batches.
         *
         * @param value is called by a thread of the collector's
         * @return this builder
         */
        public Builder listener(Consumer<CollectorEvent> value) {
            listener = value;
            return this;
        }

        /**
         * {@return the options, checked}
         *
         * @throws IllegalArgumentException if one can't be; the message says what is accepted
         */
        public CollectorOptions build() {
            return new CollectorOptions(
                    scope,
                    provider,
                    baseUrl,
                    apiKeyEnv,
                    store,
                    batchWindow,
                    batchSize,
                    batchBytes,
                    pollInterval,
                    completionWindow,
                    metadata,
                    cancelOnClose,
                    deadline,
                    mode,
                    reuse,
                    serving,
                    listener);
        }
    }
}
