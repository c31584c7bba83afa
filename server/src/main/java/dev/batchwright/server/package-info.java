/**
 * A server in front of providers: calls are batched transparently, and any backend gets a Batch
 * API. {@link dev.batchwright.server.Server} puts the faces together.
 */
@NullMarked
package dev.batchwright.server;

import org.jspecify.annotations.NullMarked;
