package dev.batchwright.price;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Usage;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a model's tokens cost.
 *
 * @param batch in the provider's batch API; empty where that has no listed price
 * @param upTo the largest input that these prices are known for
 * @param beyond what larger inputs cost, where that is known
 */
public record ModelPrice(
        Rates live, Optional<Rates> batch, OptionalLong upTo, Optional<ModelPrice> beyond) {

    public static ModelPrice of(Rates live, Optional<Rates> batch) {
        return new ModelPrice(live, batch, OptionalLong.empty(), Optional.empty());
    }

    /** Pico-dollars (see {@link Cost}) per token. Cached input is part of the input. */
    public record Rates(long input, long cached, long output) {
        private static final int PICO_PER_TOKEN = 6;

        /** From dollars per million tokens, as price lists have it. */
        public static Rates ofUsdPerMillion(
                BigDecimal input, BigDecimal cached, BigDecimal output) {
            return new Rates(pico(input), pico(cached), pico(output));
        }

        private static long pico(BigDecimal usdPerMillion) {
            return usdPerMillion.movePointRight(PICO_PER_TOKEN).longValueExact();
        }

        Cost of(Usage usage) {
            long cachedTokens = Math.min(usage.cachedTokens(), usage.inputTokens());
            return new Cost(
                    (usage.inputTokens() - cachedTokens) * input
                            + cachedTokens * cached
                            + usage.outputTokens() * output);
        }
    }

    /** The prices for an input of this size; empty where they are not known. */
    Optional<ModelPrice> forInput(long tokens) {
        return upTo.isEmpty() || tokens <= upTo.getAsLong()
                ? Optional.of(this)
                : beyond.flatMap(price -> price.forInput(tokens));
    }
}
