/** What becomes of an item after an attempt. */
@NullMarked
package dev.batchwright.retry;

import org.jspecify.annotations.NullMarked;
