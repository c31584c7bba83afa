/** Whether the server lives, and whether it takes calls. */
@NullMarked
package dev.batchwright.server.health;

import org.jspecify.annotations.NullMarked;
