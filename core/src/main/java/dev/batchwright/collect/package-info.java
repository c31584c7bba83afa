/**
 * Single calls, made by programs that wait for their answers, gathered into jobs: transparent
 * batching. Every face that offers it (the transports of official SDKs, a server) stands on {@link
 * dev.batchwright.collect.Collector}.
 */
@NullMarked
package dev.batchwright.collect;

import org.jspecify.annotations.NullMarked;
