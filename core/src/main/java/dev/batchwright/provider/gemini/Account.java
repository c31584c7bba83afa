package dev.batchwright.provider.gemini;

import dev.batchwright.job.ItemError;
import dev.batchwright.provider.NoAnswer;

/**
 * Whom we are to the API, and what to say to the user when it refuses us as a whole.
 *
 * @param keyVariable where the key came from
 */
record Account(String keyVariable, Addresses addresses) {
    private static final String GO_ON = NoAnswer.GO_ON;

    /** Judges calls that get no answer. */
    NoAnswer noAnswer() {
        return new NoAnswer(addresses.toString());
    }

    /** Whose limits and queues are shared, in one word. */
    String name() {
        return "%s|%s|%s".formatted(GeminiProvider.NAME, addresses, keyVariable);
    }

    String badKey(int status, ItemError error) {
        return "Gemini refused the key (HTTP %d, %s). Put a valid key for %s into %s. %s"
                .formatted(status, error.code(), addresses, keyVariable, GO_ON);
    }

    String noQuota(int status, ItemError error) {
        return "The account at Gemini has no quota or credit for this (HTTP %d, %s): %s Set up billing there, or choose another model. %s"
                .formatted(status, error.code(), error.message(), GO_ON);
    }

    String dayUsedUp(int status, ItemError error) {
        return "The account's quota of the day at Gemini is used up (HTTP %d, %s): %s It is renewed at midnight in California (Pacific time). Wait for that, or raise the quota there. %s"
                .formatted(status, error.code(), error.message(), GO_ON);
    }

    String refused(int status, ItemError error) {
        return "Gemini refuses this account (HTTP %d, %s): %s Settle that with Google, or use another provider with -p. %s"
                .formatted(status, error.code(), error.message(), GO_ON);
    }

    String noSuchPlace(int status) {
        return "There is no Gemini API at %s (HTTP %d, and not in the form of an API's answer). Check --base-url (it usually ends in /v1beta). %s"
                .formatted(addresses, status, GO_ON);
    }
}
