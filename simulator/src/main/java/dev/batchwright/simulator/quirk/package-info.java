/** The odd ways of batch APIs: {@link dev.batchwright.simulator.quirk.QuirkRule} lists them. */
@NullMarked
package dev.batchwright.simulator.quirk;

import org.jspecify.annotations.NullMarked;
