/** The models that can be asked for. */
@NullMarked
package dev.batchwright.server.models;

import org.jspecify.annotations.NullMarked;
