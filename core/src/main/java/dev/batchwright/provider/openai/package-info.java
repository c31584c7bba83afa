/** The OpenAI API and the many that copy it, told apart by data. */
@NullMarked
package dev.batchwright.provider.openai;

import org.jspecify.annotations.NullMarked;
