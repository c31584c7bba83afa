@NullMarked
package dev.batchwright.simulator.model;

import org.jspecify.annotations.NullMarked;
