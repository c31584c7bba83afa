/** The providers' own SDKs take the simulator for the provider. */
@NullMarked
package dev.batchwright.simulator.sdk;

import org.jspecify.annotations.NullMarked;
