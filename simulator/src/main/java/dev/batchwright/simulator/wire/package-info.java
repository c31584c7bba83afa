/** What every wire has in common: requests that arrive, replies, refusals, endpoints. */
@NullMarked
package dev.batchwright.simulator.wire;

import org.jspecify.annotations.NullMarked;
