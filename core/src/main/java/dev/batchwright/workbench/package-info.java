/** What a process needs to run jobs, put together in one place for every face of Batchwright. */
@NullMarked
package dev.batchwright.workbench;

import org.jspecify.annotations.NullMarked;
