package dev.batchwright.provider.openai;

import dev.batchwright.provider.BaseUrl;
import dev.batchwright.provider.NoAnswer;

import java.util.Optional;

/**
 * Whom we are to a server, in words for the user: also why a job stops, where an answer is about
 * more than one request.
 *
 * @param keyVariable where the key came from; empty where none is sent
 */
record Account(String provider, Optional<String> keyVariable, BaseUrl baseUrl) {
    private static final String GO_ON = NoAnswer.GO_ON;

    /** Judges calls that get no answer. */
    NoAnswer noAnswer() {
        return new NoAnswer(baseUrl.toString());
    }

    /** See {@link dev.batchwright.provider.Provider#account}. */
    String word() {
        return "%s@%s#%s".formatted(provider, baseUrl, keyVariable.orElse(""));
    }

    private String keyRemedy() {
        return keyVariable
                .map("Put a valid key for %s into %%s".formatted(baseUrl)::formatted)
                .orElse(
                        "No key was sent to %s: name the variable that holds one with --api-key-env, or as api_key_env in the configuration"
                                .formatted(baseUrl));
    }

    String keyRefused(int status, String code) {
        return "%s refused the key (HTTP %d, %s). %s. %s"
                .formatted(provider, status, code, keyRemedy(), GO_ON);
    }

    String nothingLeft(int status, String code, String message) {
        return "The account at %s has nothing left to spend or no allowance (HTTP %d, %s): %s Add credit or raise the limit there. %s"
                .formatted(provider, status, code, message, GO_ON);
    }

    String refused(int status, String code, String message) {
        return "%s refuses this account (HTTP %d, %s): %s Settle that with the provider, or use another one with -p. %s"
                .formatted(provider, status, code, message, GO_ON);
    }

    String noSuchPlace(int status, String endpoint) {
        return "There is no %s at %s (HTTP %d, and not in the form of an API's answer). Check --base-url (it usually ends in /v1) and the endpoint. %s"
                .formatted(endpoint, baseUrl, status, GO_ON);
    }

    String limited(int status, String code, String message) {
        return "%s limits this account and says that asking again is no use (HTTP %d, %s): %s %s"
                .formatted(provider, status, code, message, GO_ON);
    }
}
