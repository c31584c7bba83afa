package dev.batchwright.provider.anthropic;

import dev.batchwright.provider.openai.BaseUrl;

/**
 * Whom we are to Anthropic, and what to tell the user where that is the trouble.
 *
 * @param keyVariable where the key came from
 */
record Account(String keyVariable, BaseUrl baseUrl) {
    private static final String GO_ON =
            "Then run the same command again: what was not done is untouched.";

    String unreachable(String cause) {
        return "No connection to %s: %s. Check the base URL, the network and the proxy (HTTPS_PROXY). %s"
                .formatted(baseUrl, cause, GO_ON);
    }

    String untrusted(String cause) {
        return "%s could not prove who it is (%s), so nothing was sent. Check the base URL; a certificate of your own belongs into the Java trust store. %s"
                .formatted(baseUrl, cause, GO_ON);
    }

    String redirected(int status, String origin) {
        return "%s sends calls elsewhere (HTTP %d to %s), and the key is not taken there. If that is the right server, name it with --base-url. %s"
                .formatted(baseUrl, status, origin, GO_ON);
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
