/** What answers say: a pure function of the request. */
@NullMarked
package dev.batchwright.simulator.model;

import org.jspecify.annotations.NullMarked;
