/** The wire of Mistral: live calls like OpenAI's, jobs of its own. */
@NullMarked
package dev.batchwright.simulator.mistral;

import org.jspecify.annotations.NullMarked;
