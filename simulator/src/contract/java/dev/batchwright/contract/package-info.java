/**
 * What OpenAI has published of its API, as tests ask it. It is compiled into the tests of the
 * simulator and of the server: both sides of the wire are held to the same.
 */
@NullMarked
package dev.batchwright.contract;

import org.jspecify.annotations.NullMarked;
