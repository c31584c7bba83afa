package dev.batchwright.provider.openai;

import java.util.Optional;

/**
 * Whom we are to a server, in words for the user.
 *
 * @param keyVariable where the key came from; empty where none is sent
 */
record Account(String provider, Optional<String> keyVariable, BaseUrl baseUrl) {
    String keyRemedy() {
        return keyVariable
                .map("Put a valid key for %s into %%s".formatted(baseUrl)::formatted)
                .orElse(
                        "No key was sent to %s: name the variable that holds one with --api-key-env, or as api_key_env in the configuration"
                                .formatted(baseUrl));
    }
}
