@NullMarked
package dev.batchwright.bench;

import org.jspecify.annotations.NullMarked;
