@NullMarked
package dev.batchwright.simulator.wire;

import org.jspecify.annotations.NullMarked;
