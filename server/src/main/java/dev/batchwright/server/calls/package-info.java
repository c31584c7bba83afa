/** Ordinary calls, batched behind the scenes: their callers wait, for hours if need be. */
@NullMarked
package dev.batchwright.server.calls;

import org.jspecify.annotations.NullMarked;
