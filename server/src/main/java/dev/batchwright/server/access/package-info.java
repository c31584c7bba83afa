/** Who calls, and what they may do. */
@NullMarked
package dev.batchwright.server.access;

import org.jspecify.annotations.NullMarked;
