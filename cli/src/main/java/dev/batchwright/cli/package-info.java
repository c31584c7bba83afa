/** The command line: reads what was typed, wires the engine, and says how it went. */
@NullMarked
package dev.batchwright.cli;

import org.jspecify.annotations.NullMarked;
