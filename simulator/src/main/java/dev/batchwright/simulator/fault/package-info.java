@NullMarked
package dev.batchwright.simulator.fault;

import org.jspecify.annotations.NullMarked;
