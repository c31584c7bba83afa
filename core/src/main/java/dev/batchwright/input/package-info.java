/** A file of requests, whatever its form, becomes items: streamed, and valid before any is sent. */
@NullMarked
package dev.batchwright.input;

import org.jspecify.annotations.NullMarked;
