/** The wire of Fireworks: live calls like OpenAI's, datasets and jobs of its own. */
@NullMarked
package dev.batchwright.simulator.fireworks;

import org.jspecify.annotations.NullMarked;
