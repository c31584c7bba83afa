package dev.batchwright.store;

/** Which items of a job are asked for. FAILED includes those that an ended job left without one. */
public enum Selection {
    ALL,
    SUCCEEDED,
    FAILED
}
