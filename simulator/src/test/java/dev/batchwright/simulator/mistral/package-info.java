@NullMarked
package dev.batchwright.simulator.mistral;

import org.jspecify.annotations.NullMarked;
