@NullMarked
package dev.batchwright.simulator.limit;

import org.jspecify.annotations.NullMarked;
