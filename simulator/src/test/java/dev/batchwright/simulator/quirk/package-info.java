@NullMarked
package dev.batchwright.simulator.quirk;

import org.jspecify.annotations.NullMarked;
