@NullMarked
package dev.batchwright.server.page;

import org.jspecify.annotations.NullMarked;
