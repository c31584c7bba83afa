/**
 * A provider to try everything against without spending. {@link
 * dev.batchwright.simulator.Simulator} is the door.
 *
 * <p>It knows nothing of the engine: it is the other side of the wire, so it can't share the
 * engine's mistakes. A request passes through these parts:
 *
 * <pre>
 * HttpEdge    reads it, on an event loop
 * FrontDesk   decides what becomes of it, in plain code, and asks
 *   wire      what the request means, and how answers and refusals look: openai, anthropic, gemini
 *   fault     which fault strikes it
 *   limit     whether the account may run it now
 *   model     what the answer says: a pure function of the request
 *   bill      and writes down what happened
 * Courier     waits and delivers, or fails to, as planned
 * </pre>
 */
@NullMarked
package dev.batchwright.simulator;

import org.jspecify.annotations.NullMarked;
