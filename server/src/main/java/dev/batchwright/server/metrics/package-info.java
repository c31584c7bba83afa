/** How the server does, in the format of Prometheus. */
@NullMarked
package dev.batchwright.server.metrics;

import org.jspecify.annotations.NullMarked;
