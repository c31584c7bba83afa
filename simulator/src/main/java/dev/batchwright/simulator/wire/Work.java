package dev.batchwright.simulator.wire;

/** A request that was read and found valid, and has not been executed yet. */
public interface Work {
    /** The model as the request names it; "" for endpoints that can do without. */
    String model();

    /** Tokens that the prompt costs, known before execution. */
    long promptTokens();

    /** Upper bound of the tokens that the answer may cost as far as the request gives one, or 0. */
    long maxOutputTokens();

    /** Executes the request. A pure function: the same request always gives the same bytes. */
    Answer run();
}
