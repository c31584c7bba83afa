/** Fireworks' batches: datasets and jobs. */
@NullMarked
package dev.batchwright.provider.fireworks;

import org.jspecify.annotations.NullMarked;
