/** What an answer says, and what to ask when it is not what was asked for. Pure; nothing sends. */
@NullMarked
package dev.batchwright.answer;

import org.jspecify.annotations.NullMarked;
