package dev.batchwright.simulator.openai;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a provider's copy of OpenAI's batches differs from the original.
 *
 * @param createStatus of a created batch
 * @param endpoints that batches may have
 * @param windows that batches may have; those of Groq are from 24h to 7d
 * @param limits of input files
 * @param codes the names of problems where they are not OpenAI's
 * @param traits what else is different
 */
public record Dialect(
        int createStatus,
        List<String> endpoints,
        List<String> windows,
        FileLimits limits,
        Map<String, String> codes,
        Set<Trait> traits) {
    /** Ways to differ. */
    public enum Trait {
        /** Batches have no end of their window. */
        NEVER_EXPIRES,
        /** {@code /chat/completions} stands for {@code /v1/chat/completions}. */
        SHORT_URLS,
        /** A batch without failures has an error file of no bytes. */
        EMPTY_ERROR_FILE,
        /** Batches tell neither their model nor their usage. */
        NO_USAGE,
        /** Ids are UUIDs, and others are refused. */
        UUIDS,
        /** What is not known is left out, not null. */
        NO_NULLS,
        /** The whole file is checked when it is uploaded. */
        CHECKS_UPLOADS,
        /** Results can be read while a batch runs. */
        PARTIAL_RESULTS,
        /** Downloads are sent to another address. */
        REDIRECTS,
        /** Requests of a batch may ask for different models. */
        MIXED_MODELS,
        /** Deleting what isn't there works. */
        DELETES_ANYTHING
    }

    /** Requests and bytes of an input file, at most. */
    public record FileLimits(long rows, long bytes) {}

    private static final List<String> CHAT = List.of("/v1/chat/completions");
    private static final List<String> CHAT_AND_EMBEDDINGS =
            List.of("/v1/chat/completions", "/v1/embeddings");
    private static final List<String> DAY = List.of("24h");
    private static final long MB = 1_000_000;

    public static final Dialect OPENAI =
            new Dialect(
                    200,
                    List.of(
                            "/v1/responses",
                            "/v1/chat/completions",
                            "/v1/embeddings",
                            "/v1/completions",
                            "/v1/moderations",
                            "/v1/images/generations",
                            "/v1/images/edits"),
                    DAY,
                    new FileLimits(50_000, 200 * MB),
                    Map.of(),
                    Set.of());

    public static final Dialect AZURE =
            new Dialect(
                    200,
                    List.of("/v1/chat/completions", "/v1/responses", "/v1/embeddings"),
                    DAY,
                    new FileLimits(100_000, 200 * MB),
                    Map.of("invalid_url", "url_mismatch", "mismatched_model", "model_mismatch"),
                    Set.of(Trait.NEVER_EXPIRES, Trait.SHORT_URLS, Trait.EMPTY_ERROR_FILE));

    public static final Dialect GROQ =
            new Dialect(
                    200,
                    CHAT,
                    List.of(
                            "24h", "48h", "72h", "96h", "120h", "144h", "168h", "1d", "2d", "3d",
                            "4d", "5d", "6d", "7d"),
                    new FileLimits(50_000, 100 * MB),
                    Map.of(),
                    Set.of(Trait.NO_USAGE));

    public static final Dialect DOUBLEWORD =
            new Dialect(
                    201,
                    List.of("/v1/chat/completions", "/v1/embeddings", "/v1/responses"),
                    List.of("24h", "1h"),
                    new FileLimits(50_000, 200 * MB),
                    Map.of(),
                    Set.of(
                            Trait.UUIDS,
                            Trait.NO_NULLS,
                            Trait.CHECKS_UPLOADS,
                            Trait.PARTIAL_RESULTS,
                            Trait.MIXED_MODELS));

    public static final Dialect PARASAIL =
            new Dialect(
                    200,
                    CHAT_AND_EMBEDDINGS,
                    DAY,
                    new FileLimits(50_000, 1000 * MB),
                    Map.of(),
                    Set.of(
                            Trait.NEVER_EXPIRES,
                            Trait.REDIRECTS,
                            Trait.MIXED_MODELS,
                            Trait.DELETES_ANYTHING));

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    /** The path of an endpoint in its long form. */
    String canonical(String url) {
        return has(Trait.SHORT_URLS) && !url.startsWith("/v1/") ? "/v1" + url : url;
    }

    /** When a batch expires. */
    Optional<Duration> window(String text) {
        if (has(Trait.NEVER_EXPIRES)) {
            return Optional.empty();
        }
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return Optional.of(text.endsWith("d") ? Duration.ofDays(number) : Duration.ofHours(number));
    }
}
