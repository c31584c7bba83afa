/** The wire of xAI: live calls and files like OpenAI's, batches of its own. */
@NullMarked
package dev.batchwright.simulator.xai;

import org.jspecify.annotations.NullMarked;
