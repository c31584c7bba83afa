/** The limits of an account, enforced, and the headers that tell of them. */
@NullMarked
package dev.batchwright.simulator.limit;

import org.jspecify.annotations.NullMarked;
