/** Batches of Together, which has jobs of its own over files of OpenAI's kind. */
@NullMarked
package dev.batchwright.provider.together;

import org.jspecify.annotations.NullMarked;
