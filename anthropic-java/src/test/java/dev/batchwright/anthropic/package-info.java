@NullMarked
package dev.batchwright.anthropic;

import org.jspecify.annotations.NullMarked;
