@NullMarked
package dev.batchwright.server.access;

import org.jspecify.annotations.NullMarked;
