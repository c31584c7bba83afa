package dev.batchwright.store;

/** Which items of a job are asked for. */
public enum Selection {
    ALL,
    /** Those that have their outcome. */
    COMPLETED,
    SUCCEEDED,
    /** Those that failed, and those that an ended job left without an outcome. */
    FAILED
}
