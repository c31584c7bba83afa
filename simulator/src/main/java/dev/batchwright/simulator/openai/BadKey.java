package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

/** The refusal of a request whose key is wrong. */
final class BadKey {
    private BadKey() {}

    static Refusal refusal(String key) {
        return Refusal.of(
                Reason.BAD_KEY,
                401,
                key.isEmpty()
                        ? "You didn't provide an API key. You need to provide your API key in an"
                                + " Authorization header using Bearer auth (i.e. Authorization:"
                                + " Bearer YOUR_KEY)."
                        : "Incorrect API key provided: %s. You can find your API key at https://platform.openai.com/account/api-keys."
                                .formatted(masked(key)));
    }

    private static String masked(String key) {
        return key.length() <= 8
                ? "*".repeat(key.length())
                : key.substring(0, 4)
                        + "*".repeat(key.length() - 8)
                        + key.substring(key.length() - 4);
    }
}
