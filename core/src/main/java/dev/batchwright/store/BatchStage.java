package dev.batchwright.store;

/** What is told of a batch's life as it passes, in this order. */
public enum BatchStage {
    /** The provider has it. */
    SUBMITTED(1),
    /** It is over there, and its results are being read. */
    FINALIZING(2),
    /** Nothing more will happen to it. */
    OVER(3);

    /** How it lies in the store: what was told up to it is not below. */
    final int number;

    BatchStage(int number) {
        this.number = number;
    }
}
