/** What happens, told to those who watch the server: one JSON object a line. */
@NullMarked
package dev.batchwright.server.events;

import org.jspecify.annotations.NullMarked;
