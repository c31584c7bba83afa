@NullMarked
package dev.batchwright.simulator.openai;

import org.jspecify.annotations.NullMarked;
