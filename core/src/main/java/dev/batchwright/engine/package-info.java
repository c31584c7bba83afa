/** What runs jobs: the live lane, its attempts and budget, and the heartbeat of its leases. */
@NullMarked
package dev.batchwright.engine;

import org.jspecify.annotations.NullMarked;
