/** The wire of OpenAI: its endpoints, answers, checks and error bodies. */
@NullMarked
package dev.batchwright.simulator.openai;

import org.jspecify.annotations.NullMarked;
