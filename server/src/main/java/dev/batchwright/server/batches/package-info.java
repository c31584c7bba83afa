/**
 * The Batch API in front of any backend: files, batches, and Anthropic's message batches. A batch
 * becomes one job of the engine; {@link dev.batchwright.server.batches.BatchKeeping} takes it from
 * there to its result files.
 */
@NullMarked
package dev.batchwright.server.batches;

import org.jspecify.annotations.NullMarked;
