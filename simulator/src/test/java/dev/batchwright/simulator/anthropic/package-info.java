@NullMarked
package dev.batchwright.simulator.anthropic;

import org.jspecify.annotations.NullMarked;
