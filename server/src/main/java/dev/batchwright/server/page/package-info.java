/**
 * The page for people: jobs, batches and items, rendered on the server. Whatever a model, a
 * provider or a user wrote is shown as text.
 */
@NullMarked
package dev.batchwright.server.page;

import org.jspecify.annotations.NullMarked;
