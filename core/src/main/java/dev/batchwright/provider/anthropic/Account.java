package dev.batchwright.provider.anthropic;

import dev.batchwright.provider.BaseUrl;
import dev.batchwright.provider.NoAnswer;

/**
 * Whom we are to Anthropic, and what to tell the user where that is the trouble.
 *
 * @param keyVariable where the key came from
 */
record Account(String keyVariable, BaseUrl baseUrl) {
    private static final String GO_ON = NoAnswer.GO_ON;

    /** Judges calls that get no answer. */
    NoAnswer noAnswer() {
        return new NoAnswer(baseUrl.toString());
    }

    String keyRefused(int status, String code) {
        return "Anthropic refused the key (HTTP %d, %s). Put a valid key for %s into %s. %s"
                .formatted(status, code, baseUrl, keyVariable, GO_ON);
    }

    String nothingLeft(int status, String code, String message) {
        return "The account at Anthropic has nothing left to spend (HTTP %d, %s): %s Add credit or raise the limit there. %s"
                .formatted(status, code, message, GO_ON);
    }

    String refused(int status, String code, String message) {
        return "Anthropic refuses this account (HTTP %d, %s): %s Settle that with Anthropic, or use another provider with -p. %s"
                .formatted(status, code, message, GO_ON);
    }

    String noUseAskingAgain(int status, String code, String message) {
        return "Anthropic limits this account and says that asking again is no use (HTTP %d, %s): %s %s"
                .formatted(status, code, message, GO_ON);
    }

    String noSuchPlace(String endpoint, int status) {
        return "There is no %s at %s (HTTP %d). Check --base-url, which is given without the /v1. %s"
                .formatted(endpoint, baseUrl, status, GO_ON);
    }
}
