package dev.batchwright.simulator.limit;

/** The right to run one request. */
public interface Permit {
    /** For requests without limits. */
    Permit FREE = tokens -> {};

    /** The request is over and cost so many tokens: what was reserved beyond that is given back. */
    void close(long tokens);
}
