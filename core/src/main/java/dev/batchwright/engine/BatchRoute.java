package dev.batchwright.engine;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.BatchApi;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * How the batches of one provider travel.
 *
 * @param account whose queue they wait in
 * @param prices of a model, by its name
 * @param reserve why no new batches are to be made on this way, though it may have some; a clause
 * @param lag for how long the provider may not show what it has created, as configured
 */
public record BatchRoute(
        BatchApi api,
        String account,
        Function<String, Prices> prices,
        Optional<Duration> lag,
        Optional<String> reserve) {
    /**
     * What a model costs, and how much of it may wait.
     *
     * @param batch the batch price of usage; empty where none is known
     * @param live the price of the same, made now
     * @param enqueuedTokens the most input tokens that may wait at the provider, as configured
     */
    public record Prices(
            Function<Usage, Optional<Cost>> batch,
            Function<Usage, Optional<Cost>> live,
            OptionalLong enqueuedTokens) {
        /** A model without a batch price of its own costs what it costs live. */
        Cost batchCost(Usage usage) {
            return batch.apply(usage).or(() -> live.apply(usage)).orElse(Cost.ZERO);
        }
    }
}
