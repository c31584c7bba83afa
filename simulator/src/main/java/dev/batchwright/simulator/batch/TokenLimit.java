package dev.batchwright.simulator.batch;

/** The problem of a batch that came when too many tokens were enqueued already. */
final class TokenLimit {
    static final String CODE = "token_limit_exceeded";

    private TokenLimit() {}

    static Problem problem(String model, long limit) {
        return Problem.of(
                CODE,
                ("Enqueued token limit reached for %s in organization org-simulator. Limit: %,d"
                                + " enqueued tokens. Please try again once some in_progress"
                                + " batches have been completed.")
                        .formatted(model, limit));
    }
}
