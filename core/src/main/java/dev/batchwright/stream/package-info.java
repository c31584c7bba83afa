/** A whole answer, told as the events of a stream, in the form of each API that has streams. */
@NullMarked
package dev.batchwright.stream;

import org.jspecify.annotations.NullMarked;
