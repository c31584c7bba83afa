/** What was asked, run and paid for: the simulator's account of what happened. */
@NullMarked
package dev.batchwright.simulator.bill;

import org.jspecify.annotations.NullMarked;
