/** What runs jobs: lanes, attempts, leases and their heartbeat. */
@NullMarked
package dev.batchwright.engine;

import org.jspecify.annotations.NullMarked;
