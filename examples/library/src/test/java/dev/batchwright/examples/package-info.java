@NullMarked
package dev.batchwright.examples;

import org.jspecify.annotations.NullMarked;
