@NullMarked
package dev.batchwright.langchain4j;

import org.jspecify.annotations.NullMarked;
