/**
 * The wire of Anthropic: messages, token counts, models, and its error bodies.
 *
 * <p>Answers follow from the request alone. Three things can be had by asking for them: a message
 * that contains {@code ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL} is refused by the model (a success
 * with {@code stop_reason: refusal}), an image whose URL has a host under {@code .invalid} can't be
 * downloaded, and a request that enables thinking gets a thinking block first.
 */
@NullMarked
package dev.batchwright.simulator.anthropic;

import org.jspecify.annotations.NullMarked;
