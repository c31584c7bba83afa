@NullMarked
package dev.batchwright.simulator.gemini;

import org.jspecify.annotations.NullMarked;
