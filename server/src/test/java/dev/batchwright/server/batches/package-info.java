/** The Batch API as its clients see it. */
@NullMarked
package dev.batchwright.server.batches;

import org.jspecify.annotations.NullMarked;
