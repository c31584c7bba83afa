package dev.batchwright.provider.openai;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;

/** What a member of the family takes in batches. The facts are of the wire sheet. */
public sealed interface BatchTerms {
    /** None, and why: a clause for the user. */
    record None(String reason) implements BatchTerms {}

    /** By an API of its own, for which there is an adapter of its own. */
    record Own() implements BatchTerms {}

    /**
     * By files and batches as OpenAI has them.
     *
     * @param endpoints that may be in a batch; empty where the server alone knows
     * @param requests the most in one batch
     * @param bytes the most in its file
     * @param shortest window that can be asked for
     * @param longest window that can be asked for
     * @param reserved keys of metadata that it writes itself, as a regular expression
     * @param inputs the most texts to embed in one batch, where that is limited
     * @param partial whether results can be read while a batch runs
     */
    record Files(
            Set<String> endpoints,
            int requests,
            long bytes,
            Duration shortest,
            Duration longest,
            String reserved,
            OptionalLong inputs,
            boolean partial)
            implements BatchTerms {
        public Files {
            endpoints = Set.copyOf(endpoints);
        }

        private Files(
                Set<String> endpoints,
                int requests,
                long bytes,
                Duration shortest,
                Duration longest,
                String reserved) {
            this(
                    endpoints,
                    requests,
                    bytes,
                    shortest,
                    longest,
                    reserved,
                    OptionalLong.empty(),
                    false);
        }
    }

    Duration DAY = Duration.ofDays(1);
    String CHAT = "/v1/chat/completions";
    String RESPONSES = "/v1/responses";
    String EMBEDDINGS = "/v1/embeddings";

    BatchTerms OPENAI =
            new Files(
                    Set.of(
                            RESPONSES,
                            CHAT,
                            EMBEDDINGS,
                            "/v1/completions",
                            "/v1/moderations",
                            "/v1/images/generations",
                            "/v1/images/edits",
                            "/v1/videos"),
                    50_000,
                    200_000_000,
                    DAY,
                    DAY,
                    "",
                    OptionalLong.of(50_000),
                    false);
    BatchTerms AZURE =
            new Files(Set.of(RESPONSES, CHAT, EMBEDDINGS), 100_000, 200_000_000, DAY, DAY, "");
    BatchTerms GROQ = new Files(Set.of(CHAT), 50_000, 100_000_000, DAY, Duration.ofDays(7), "");
    BatchTerms DOUBLEWORD =
            new Files(
                    Set.of(RESPONSES, CHAT, EMBEDDINGS, "/v1/completions"),
                    50_000,
                    200_000_000,
                    Duration.ofHours(1),
                    DAY,
                    "request_source|created_by|created_by_email|dw_.*",
                    OptionalLong.empty(),
                    true);
    BatchTerms PARASAIL = new Files(Set.of(CHAT, EMBEDDINGS), 50_000, 1_000_000_000, DAY, DAY, "");

    /** A server that we know nothing of: it says itself what it does not take. */
    BatchTerms UNKNOWN_SERVER =
            new Files(
                    Set.of(), 50_000, 100_000_000, Duration.ofMinutes(1), Duration.ofDays(30), "");
}
