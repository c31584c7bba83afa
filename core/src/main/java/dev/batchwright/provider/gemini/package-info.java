/** The Gemini Developer API: its own requests as they are, and OpenAI's translated both ways. */
@NullMarked
package dev.batchwright.provider.gemini;

import org.jspecify.annotations.NullMarked;
