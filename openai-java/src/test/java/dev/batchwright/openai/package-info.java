@NullMarked
package dev.batchwright.openai;

import org.jspecify.annotations.NullMarked;
