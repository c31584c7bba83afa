package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.model.Completion;
import dev.batchwright.simulator.model.Draft;
import dev.batchwright.simulator.model.Tokens;

/**
 * What the model wrote, and why it stopped.
 *
 * @param thought what it thought before, or ""
 * @param stopSequence the one that ended it, or ""
 * @param tokens of text and thought together
 */
record Written(String thought, String text, String stopReason, String stopSequence, long tokens) {
    private static final String THOUGHT = "The user wants an echo.";

    static Written of(MessageRequest request) {
        if (request.refused()) {
            return new Written("", "", "refusal", "", 0);
        }
        String thought = request.thinks() ? THOUGHT : "";
        long thoughtTokens = Tokens.of(thought);
        if (thoughtTokens >= request.maxTokens()) {
            return new Written(thought, "", "max_tokens", "", thoughtTokens);
        }
        Draft whole = request.whole();
        Stop stop =
                request.tool().isPresent()
                        ? new Stop(whole.text(), "")
                        : stop(request, whole.text());
        Completion completion =
                Completion.of(
                        new Draft(stop.text(), whole.mostTokens()),
                        request.maxTokens() - thoughtTokens);
        long tokens = thoughtTokens + completion.tokens();
        if (completion.cut()) {
            return new Written(thought, completion.text(), "max_tokens", "", tokens);
        }
        String end = request.tool().isPresent() ? "tool_use" : "end_turn";
        return new Written(
                thought,
                completion.text(),
                stop.sequence().isEmpty() ? end : "stop_sequence",
                stop.sequence(),
                tokens);
    }

    boolean cut() {
        return stopReason.equals("max_tokens");
    }

    /** The text before the first of the sequences that occurs in it, and that sequence. */
    private static Stop stop(MessageRequest request, String text) {
        int end = text.length();
        String sequence = "";
        for (String candidate : request.stops()) {
            int at = text.indexOf(candidate);
            if (at >= 0 && at < end) {
                end = at;
                sequence = candidate;
            }
        }
        return new Stop(text.substring(0, end), sequence);
    }

    private record Stop(String text, String sequence) {}
}
