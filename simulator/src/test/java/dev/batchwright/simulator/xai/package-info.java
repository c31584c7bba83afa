@NullMarked
package dev.batchwright.simulator.xai;

import org.jspecify.annotations.NullMarked;
