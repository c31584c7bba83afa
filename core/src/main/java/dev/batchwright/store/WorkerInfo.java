package dev.batchwright.store;

import java.time.Instant;

/** A living worker: where it runs and since when. */
public record WorkerInfo(String id, String host, long pid, Instant since) {}
