/** The command line as a user types it. */
@org.jspecify.annotations.NullMarked
package dev.batchwright.cli;
