/** The root of the engine's packages. A job's way through them is told in docs/architecture.md. */
@NullMarked
package dev.batchwright;

import org.jspecify.annotations.NullMarked;
