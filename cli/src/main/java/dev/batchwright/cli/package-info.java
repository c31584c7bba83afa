@NullMarked
package dev.batchwright.cli;

import org.jspecify.annotations.NullMarked;
