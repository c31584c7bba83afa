package dev.batchwright.provider.openai;

import java.util.Optional;

/**
 * Whom we are to a server, in words for the user: also why a job stops, where an answer is about
 * more than one request.
 *
 * @param keyVariable where the key came from; empty where none is sent
 */
record Account(String provider, Optional<String> keyVariable, BaseUrl baseUrl) {
    private static final String GO_ON =
            "Then run the same command again: what was not done is untouched.";

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

    String unreachable(String cause) {
        return "No connection to %s: %s. Check the base URL, the network and the proxy (HTTPS_PROXY). %s"
                .formatted(baseUrl, cause, GO_ON);
    }

    String untrusted(String cause) {
        return "%s could not prove who it is (%s), so nothing was sent. Check the base URL; a certificate of your own belongs into the Java trust store. %s"
                .formatted(baseUrl, cause, GO_ON);
    }

    String elsewhere(int status, String origin) {
        return "%s sends calls elsewhere (HTTP %d to %s), and the key is not taken there. If that is the right server, name it with --base-url. %s"
                .formatted(baseUrl, status, origin, GO_ON);
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
