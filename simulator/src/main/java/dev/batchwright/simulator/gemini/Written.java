package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.model.Completion;
import dev.batchwright.simulator.model.Draft;
import dev.batchwright.simulator.model.Tokens;

import tools.jackson.databind.JsonNode;

/**
 * What the model wrote, and why it stopped.
 *
 * @param blockReason why the prompt was refused, or ""
 * @param finishReason why the model stopped
 * @param thought what it thought before, or ""
 * @param text of the answer; JSON arguments where a function is called; "" where there is none
 * @param function the name of the function that it calls, or ""
 */
record Written(
        String blockReason,
        String finishReason,
        String thought,
        String text,
        String function,
        long textTokens) {
    static final String THOUGHT = "The user wants an echo.";

    static Written blocked(String reason) {
        return new Written(reason, "", "", "", "", 0);
    }

    /** Without content, as where the answer itself was found unfit. */
    static Written unfinished(String reason) {
        return new Written("", reason, "", "", "", 0);
    }

    static Written text(Draft whole, JsonNode stops, String thought, long limit) {
        long left = limit - Tokens.of(thought);
        if (left <= 0) {
            return new Written("", "MAX_TOKENS", thought, "", "", 0);
        }
        String text = whole.text();
        int end = text.length();
        for (JsonNode stop : stops) {
            int at = stop.asString("").isEmpty() ? -1 : text.indexOf(stop.asString());
            end = at < 0 ? end : Math.min(end, at);
        }
        Completion completion =
                Completion.of(new Draft(text.substring(0, end), whole.mostTokens()), left);
        return new Written(
                "",
                completion.cut() ? "MAX_TOKENS" : "STOP",
                thought,
                completion.text(),
                "",
                completion.tokens());
    }

    /** Arguments that the limit cuts are no JSON: then there is no call at all. */
    static Written call(ForcedFunction function, String echo, String thought, long limit) {
        long left = limit - Tokens.of(thought);
        Completion completion = Completion.of(function.arguments(echo), Math.max(0, left));
        return completion.cut()
                ? new Written("", "MAX_TOKENS", thought, "", "", Math.max(0, left))
                : new Written(
                        "",
                        "STOP",
                        thought,
                        completion.text(),
                        function.name(),
                        completion.tokens());
    }

    long thoughtTokens() {
        return Tokens.of(thought);
    }
}
