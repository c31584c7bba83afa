@NullMarked
package dev.batchwright.simulator.fireworks;

import org.jspecify.annotations.NullMarked;
