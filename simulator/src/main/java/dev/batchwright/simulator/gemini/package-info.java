/**
 * The wire of the Gemini API: generation, embeddings, token counts, models, and its error bodies.
 *
 * <p>Answers follow from the request alone. Some things can be had by asking for them in the text
 * of the last message of the user: {@code simulator:block=SAFETY} gets a blocked prompt (no
 * candidates, and this block reason), {@code simulator:finish=RECITATION} a candidate without
 * content that finished for this reason. A request that turns thinking on pays for thoughts; if its
 * limit of tokens does not reach beyond them, the candidate has no parts.
 */
@NullMarked
package dev.batchwright.simulator.gemini;

import org.jspecify.annotations.NullMarked;
