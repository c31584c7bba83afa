package dev.batchwright.job;

import java.time.Instant;

/**
 * A job as the store knows it at one moment.
 *
 * @param id names it
 * @param spec what was asked for
 * @param state where it is
 * @param items how many it has; 0 while it is loaded
 * @param createdAt when it was submitted
 */
public record Job(JobId id, JobSpec spec, JobState state, long items, Instant createdAt) {}
