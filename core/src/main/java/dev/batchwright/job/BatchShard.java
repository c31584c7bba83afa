package dev.batchwright.job;

/**
 * What a shard of the batch lane is about, beside its items.
 *
 * @param provider that gets it
 * @param account whose queue it waits in: provider, base URL and the key's variable, in one word
 * @param endpoint of all its requests
 * @param model of all its requests; empty where the provider takes several in one batch
 * @param tokens that its input was estimated to have, for the provider's queue
 * @param reserved what it may cost, at most: counts as spent until it is settled
 * @param reason why its items travel this way, for people
 * @param state where it is
 */
public record BatchShard(
        String provider,
        String account,
        String endpoint,
        String model,
        long tokens,
        Cost reserved,
        String reason,
        BatchState state) {
    /**
     * {@return the same in another state}
     *
     * @param next the state
     */
    public BatchShard in(BatchState next) {
        return new BatchShard(provider, account, endpoint, model, tokens, reserved, reason, next);
    }

    /**
     * {@return the same with another reservation}
     *
     * @param most what it may cost, at most
     */
    public BatchShard reserving(Cost most) {
        return new BatchShard(provider, account, endpoint, model, tokens, most, reason, state);
    }

    /**
     * {@return the same as if it had never set out}
     *
     * @param itsTokens that its input is estimated to have
     */
    public BatchShard planned(long itsTokens) {
        return new BatchShard(
                provider,
                account,
                endpoint,
                model,
                itsTokens,
                Cost.ZERO,
                reason,
                new BatchState.Planned());
    }
}
