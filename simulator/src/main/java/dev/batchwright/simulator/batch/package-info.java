/**
 * Batches in no provider's shape: {@link dev.batchwright.simulator.batch.BatchEngine} is the door.
 * Wires hand it an {@link dev.batchwright.simulator.batch.Order} and translate the {@link
 * dev.batchwright.simulator.batch.BatchView} that it shows.
 *
 * <p>What a batch has come to is a function of time: nothing runs between two calls. A call that
 * looks at a batch first executes the rows that are due by then, and appends their results to files
 * on disk.
 */
@NullMarked
package dev.batchwright.simulator.batch;

import org.jspecify.annotations.NullMarked;
