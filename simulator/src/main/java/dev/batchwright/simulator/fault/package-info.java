/** Which fault strikes a call, and how long answers take. */
@NullMarked
package dev.batchwright.simulator.fault;

import org.jspecify.annotations.NullMarked;
