/**
 * OpenAI's official Java SDK, batching behind the scenes: {@link
 * dev.batchwright.openai.BatchingTransport}.
 */
@NullMarked
package dev.batchwright.openai;

import org.jspecify.annotations.NullMarked;
