/** One HTTP client, and the headers that matter to us as types. */
@NullMarked
package dev.batchwright.http;

import org.jspecify.annotations.NullMarked;
