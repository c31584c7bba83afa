/** Batches of xAI, which have counters instead of a status and pages instead of result files. */
@NullMarked
package dev.batchwright.provider.xai;

import org.jspecify.annotations.NullMarked;
