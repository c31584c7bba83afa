/** Anthropic: messages, message batches, and chat completions translated to them and back. */
@NullMarked
package dev.batchwright.provider.anthropic;

import org.jspecify.annotations.NullMarked;
