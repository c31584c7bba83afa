/** What the user configured: the environment, {@code .env} and {@code batchwright.yaml}. */
@NullMarked
package dev.batchwright.config;

import org.jspecify.annotations.NullMarked;
