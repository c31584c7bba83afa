/** Programs to read, to run and to start from. Each is run by a test, which checks what it says. */
@NullMarked
package dev.batchwright.examples;

import org.jspecify.annotations.NullMarked;
