package dev.batchwright.job;

/** Which lanes the user allows. */
public enum Mode {
    /** Each group of requests takes the cheaper lane that ends in time. */
    AUTO,
    BATCH,
    LIVE
}
