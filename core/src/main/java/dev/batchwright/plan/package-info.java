/** Pure decisions ahead of time: which lane items take, how they are packed, when they cross. */
@NullMarked
package dev.batchwright.plan;

import org.jspecify.annotations.NullMarked;
