@NullMarked
package dev.batchwright;

import org.jspecify.annotations.NullMarked;
