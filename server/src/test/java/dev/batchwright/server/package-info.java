@NullMarked
package dev.batchwright.server;

import org.jspecify.annotations.NullMarked;
