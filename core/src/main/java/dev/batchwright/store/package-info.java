/** What remembers everything: jobs, items, leases and outcomes, in SQLite or PostgreSQL. */
@NullMarked
package dev.batchwright.store;

import org.jspecify.annotations.NullMarked;
