/** What slf4j writes to: nothing, or JSON lines on standard error where a command says so. */
@NullMarked
package dev.batchwright.cli.log;

import org.jspecify.annotations.NullMarked;
