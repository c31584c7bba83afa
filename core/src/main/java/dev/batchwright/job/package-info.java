/** The data of the engine: jobs, items, shards, outcomes. Nothing here runs. */
@NullMarked
package dev.batchwright.job;

import org.jspecify.annotations.NullMarked;
