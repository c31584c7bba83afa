package dev.batchwright.store;

/** What is told of a batch's life as it passes, in this order. */
public enum BatchStage {
    /** The provider has it. */
    SUBMITTED,
    /** It is over there, and its results are being read. */
    FINALIZING,
    /** Nothing more will happen to it. */
    OVER;

    /** How it lies in the store: what was told up to it is not below. */
    int number() {
        return ordinal() + 1;
    }
}
