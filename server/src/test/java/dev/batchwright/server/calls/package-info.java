@NullMarked
package dev.batchwright.server.calls;

import org.jspecify.annotations.NullMarked;
