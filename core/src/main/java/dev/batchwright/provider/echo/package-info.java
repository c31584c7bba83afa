/** A provider without a network, for trying out and for tests: it answers with the prompt. */
@NullMarked
package dev.batchwright.provider.echo;

import org.jspecify.annotations.NullMarked;
