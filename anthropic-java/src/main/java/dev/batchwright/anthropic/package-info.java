/**
 * Anthropic's official Java SDK, batching behind the scenes: {@link
 * dev.batchwright.anthropic.BatchingTransport}.
 */
@NullMarked
package dev.batchwright.anthropic;

import org.jspecify.annotations.NullMarked;
