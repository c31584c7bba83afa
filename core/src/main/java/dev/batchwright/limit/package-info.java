/** Permits: how many calls, and how fast, a provider may be given. */
@NullMarked
package dev.batchwright.limit;

import org.jspecify.annotations.NullMarked;
