/** Mistral, where it is not like OpenAI: its words for a chat, and batch jobs of its own. */
@NullMarked
package dev.batchwright.provider.mistral;

import org.jspecify.annotations.NullMarked;
