package dev.batchwright.simulator.wire;

import java.util.Locale;

/** Why a request is refused, in no provider's words. */
public enum Reason {
    /** It is wrong in itself: sending it again can't help. */
    BAD_REQUEST,
    UNKNOWN_PATH,
    WRONG_METHOD,
    TOO_LARGE,
    UNKNOWN_MODEL,
    BAD_KEY,
    /** More requests per minute or day than allowed. */
    REQUESTS,
    /** More tokens per minute than allowed. */
    TOKENS,
    /** More requests at once than allowed. */
    CONCURRENCY,
    /** Traffic grew too fast. */
    SLOW_DOWN,
    /** The cheap tier has no capacity now. */
    FLEX_UNAVAILABLE,
    /** The account has no money left. */
    QUOTA,
    /** The server has no capacity now. */
    OVERLOADED,
    /** The server broke. */
    SERVER_ERROR,
    /** Any other status. */
    OTHER;

    /** The name as the bill shows it, like {@code slow_down}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
