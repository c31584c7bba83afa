package dev.batchwright.simulator.limit;

/**
 * What the simulator enforces, for each key and model by itself. 0 means no limit.
 *
 * @param requestsPerMinute 0 or more
 * @param requestsPerDay 0 or more
 * @param tokensPerMinute prompt and answer together, 0 or more
 * @param concurrency requests in flight, 0 or more
 * @param burst how much of a minute's requests and tokens may come at once
 * @param overloadStatus the answer above the concurrency: 429, 503 or 529
 */
public record Limits(
        long requestsPerMinute,
        long requestsPerDay,
        long tokensPerMinute,
        int concurrency,
        Burst burst,
        int overloadStatus) {
    public static final Limits NONE = new Limits(0, 0, 0, 0, Burst.MINUTE, 429);

    public Limits {
        if (requestsPerMinute < 0 || requestsPerDay < 0 || tokensPerMinute < 0 || concurrency < 0) {
            throw new IllegalArgumentException("a limit is at least 1, or 0 for none");
        }
        if (overloadStatus != 429 && overloadStatus != 503 && overloadStatus != 529) {
            throw new IllegalArgumentException(
                    "the status above the concurrency is 429, 503 or 529, not " + overloadStatus);
        }
    }

    public boolean isNone() {
        return requestsPerMinute == 0
                && requestsPerDay == 0
                && tokensPerMinute == 0
                && concurrency == 0;
    }
}
