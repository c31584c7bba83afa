package dev.batchwright.job;

import java.time.Instant;

/** A job as the store knows it at one moment. */
public record Job(JobId id, JobSpec spec, JobState state, long items, Instant createdAt) {}
