/** Results become files: lines in OpenAI's shape, or a table that joins answers to the input. */
@NullMarked
package dev.batchwright.output;

import org.jspecify.annotations.NullMarked;
