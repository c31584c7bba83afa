package dev.batchwright.simulator.model;

import dev.batchwright.simulator.wire.RequestHash;

/**
 * The model behind every text endpoint: it says what it was told, so that an answer that was joined
 * to the wrong request shows.
 *
 * <p>The answer to a text of up to {@value #LONGEST} characters is {@code echo: <text>}. A longer
 * one is answered by {@code echo: <its first 1000 characters>... sha256:<16 hexadecimal digits of
 * the hash of the whole text in UTF-8>}.
 */
public final class Echo {
    static final int LONGEST = 4000;
    private static final int KEPT = 1000;

    private Echo() {}

    public static String of(String text) {
        if (text.length() <= LONGEST) {
            return "echo: " + text;
        }
        int end = Character.isHighSurrogate(text.charAt(KEPT - 1)) ? KEPT - 1 : KEPT;
        return "echo: " + text.substring(0, end) + "... sha256:" + RequestHash.of(text).hex(16);
    }
}
