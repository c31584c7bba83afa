@NullMarked
package dev.batchwright.server.jobs;

import org.jspecify.annotations.NullMarked;
