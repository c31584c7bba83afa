package dev.batchwright.store;

import java.time.Instant;

/** Something that happened to a job: {@code created}, {@code resumed}, {@code blocked} ... */
public record JobEvent(Instant at, String kind, String detail) {}
