@NullMarked
package dev.batchwright.simulator;

import org.jspecify.annotations.NullMarked;
