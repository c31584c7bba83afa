package dev.batchwright.job;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the user asked for, as it is kept with the job so that any process can go on with it. Holds
 * names of key variables, never keys.
 *
 * @param name what the user calls it
 * @param fingerprint of the input's content and of every option that shapes a request: the same
 *     command gives the same one
 * @param input where the items came from, for people: a file name, or {@code standard input}
 * @param columns the columns of the input, in order, where it was a table or plain rows
 * @param endpoints the providers that its items go to, each with what the user said on the command
 *     line about how to reach it
 * @param mode which lanes its items may take
 * @param live how calls are made
 * @param batch how batches are asked for
 * @param deadline when it stops; empty: never
 * @param maxCost what it may cost; empty: what it takes
 * @param metadata the user's own key-value pairs
 * @param owner whose job it is, where a server works for several; empty: of the command line or the
 *     library. It is given when the job is made, and never changes
 */
public record JobSpec(
        String name,
        String fingerprint,
        String input,
        List<String> columns,
        Map<String, Endpoint> endpoints,
        Mode mode,
        LiveSettings live,
        BatchSettings batch,
        Optional<Instant> deadline,
        Optional<Cost> maxCost,
        Map<String, String> metadata,
        String owner) {
    private static final int MOST_PAIRS = 16;
    private static final int LONGEST_KEY = 64;
    private static final int LONGEST_VALUE = 512;

    /** Copies what could change. */
    public JobSpec {
        columns = List.copyOf(columns);
        endpoints = Map.copyOf(endpoints);
        metadata = Map.copyOf(metadata);
    }

    /**
     * A job of the command line or the library.
     *
     * @param name what the user calls it
     * @param fingerprint of the input and of what shapes a request
     * @param input where the items came from
     * @param columns of the input
     * @param endpoints the providers that its items go to
     * @param mode which lanes its items may take
     * @param live how calls are made
     * @param batch how batches are asked for
     * @param deadline when it stops
     * @param maxCost what it may cost
     * @param metadata the user's own pairs
     */
    public JobSpec(
            String name,
            String fingerprint,
            String input,
            List<String> columns,
            Map<String, Endpoint> endpoints,
            Mode mode,
            LiveSettings live,
            BatchSettings batch,
            Optional<Instant> deadline,
            Optional<Cost> maxCost,
            Map<String, String> metadata) {
        this(
                name,
                fingerprint,
                input,
                columns,
                endpoints,
                mode,
                live,
                batch,
                deadline,
                maxCost,
                metadata,
                "");
    }

    /**
     * How to reach a provider, where it differs from configuration and built-in data.
     *
     * @param baseUrl as the provider's own SDK takes it
     * @param apiKeyEnv the variable that has the key
     */
    public record Endpoint(Optional<String> baseUrl, Optional<String> apiKeyEnv) {}

    /**
     * How calls are made.
     *
     * @param concurrency most calls at once; empty: found by trial
     * @param requestsPerMinute empty: learned from the provider, if it tells
     * @param tokensPerMinute likewise
     * @param maxAttempts per item, at least 1
     * @param timeout of one attempt
     */
    public record LiveSettings(
            OptionalInt concurrency,
            OptionalLong requestsPerMinute,
            OptionalLong tokensPerMinute,
            int maxAttempts,
            Duration timeout) {}

    /**
     * How batches are asked for.
     *
     * @param window how long a batch may take; empty: the provider's usual time
     * @param pollInterval how long to wait between two looks at a batch; empty: adapts itself
     */
    public record BatchSettings(Optional<Duration> window, Optional<Duration> pollInterval) {
        /** Nothing was said. */
        public static final BatchSettings NONE =
                new BatchSettings(Optional.empty(), Optional.empty());
    }

    /**
     * Says what providers would not take of a user's own pairs, to be refused while there is
     * nothing to lose yet.
     *
     * @param metadata the pairs
     * @return the first thing that is wrong, for people; empty if nothing is
     */
    public static Optional<String> problemOf(Map<String, String> metadata) {
        for (var pair : metadata.entrySet()) {
            String key = pair.getKey();
            if (key.isBlank()
                    || key.length() > LONGEST_KEY
                    || pair.getValue().length() > LONGEST_VALUE) {
                return Optional.of(
                        "`%s`: a key has 1 to %d characters and a value at most %d, as providers take them."
                                .formatted(key, LONGEST_KEY, LONGEST_VALUE));
            }
        }
        return metadata.size() > MOST_PAIRS
                ? Optional.of(
                        "of %d pairs: providers take at most %d."
                                .formatted(metadata.size(), MOST_PAIRS))
                : Optional.empty();
    }

    /**
     * {@return the same job for somebody}
     *
     * @param somebody its owner
     */
    public JobSpec ownedBy(String somebody) {
        return new JobSpec(
                name,
                fingerprint,
                input,
                columns,
                endpoints,
                mode,
                live,
                batch,
                deadline,
                maxCost,
                metadata,
                somebody);
    }

    /**
     * {@return this, with what is known only once the input was read}
     *
     * @param inputColumns in order; empty where it was no table
     * @param providers that its items go to
     */
    public JobSpec loaded(List<String> inputColumns, Map<String, Endpoint> providers) {
        return new JobSpec(
                name,
                fingerprint,
                input,
                inputColumns,
                providers,
                mode,
                live,
                batch,
                deadline,
                maxCost,
                metadata,
                owner);
    }

    /**
     * {@return this job, going on with the pace, patience and caps of another command}
     *
     * @param command what was said the second time
     */
    public JobSpec resumedBy(JobSpec command) {
        return new JobSpec(
                name,
                fingerprint,
                input,
                columns,
                endpoints,
                command.mode,
                command.live,
                command.batch,
                command.deadline,
                command.maxCost,
                metadata,
                owner);
    }

    /**
     * {@return one that asks again for items of this job}
     *
     * @param itsFingerprint by which it is found
     * @param left of what this job may cost; empty: what it takes
     */
    public JobSpec again(String itsFingerprint, Optional<Cost> left) {
        return new JobSpec(
                name + " (asked again)",
                itsFingerprint,
                input,
                columns,
                endpoints,
                mode,
                live,
                batch,
                deadline,
                left,
                metadata,
                owner);
    }
}
