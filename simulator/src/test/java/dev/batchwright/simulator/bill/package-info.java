@NullMarked
package dev.batchwright.simulator.bill;

import org.jspecify.annotations.NullMarked;
