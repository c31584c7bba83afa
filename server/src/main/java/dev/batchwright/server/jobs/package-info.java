/**
 * The jobs in the store, looked at every few seconds: measured, and taken up if nobody works on
 * them.
 */
@NullMarked
package dev.batchwright.server.jobs;

import org.jspecify.annotations.NullMarked;
