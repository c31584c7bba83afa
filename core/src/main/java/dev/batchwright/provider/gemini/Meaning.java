package dev.batchwright.provider.gemini;

/** Whom or what an error is about. */
enum Meaning {
    /** Too fast. */
    THROTTLED,
    /** The quota of the day is used up. */
    DAY,
    /** The server has too much to do. */
    OVERLOADED,
    /** Bad luck. */
    TRANSIENT,
    /** What this request asks. */
    REQUEST,
    /** A file that is not there, or not ready yet: for a new file the two look the same. */
    FILE,
    /** A model or another thing that does not exist. */
    NOT_FOUND,
    /** The key. */
    KEY,
    /** Money, or a quota of nothing at all. */
    QUOTA,
    /** Anything else about the account: region, billing, permission. */
    ACCOUNT;

    /**
     * @param status of HTTP, or what the error itself gives as such
     */
    static Meaning of(int status, ApiError error) {
        return switch (status) {
            case 400 -> ofBadRequest(error);
            case 401 -> KEY;
            case 402 -> QUOTA;
            case 403 -> ofForbidden(error);
            case 404 -> error.says("file") ? FILE : NOT_FOUND;
            case 408, 409, 425, 499 -> TRANSIENT;
            case 429 -> ofExhausted(error);
            case 503, 504, 529 -> OVERLOADED;
            case 501, 505 -> REQUEST;
            default -> status >= 400 && status < 500 ? REQUEST : TRANSIENT;
        };
    }

    private static Meaning ofBadRequest(ApiError error) {
        if (error.reason().startsWith("API_KEY")
                || error.says("api key not valid")
                || error.says("api key expired")
                || error.says("api key not found")) {
            return KEY;
        }
        if (error.says("active state")) {
            return FILE;
        }
        boolean account = error.says("user location") || error.says("billing");
        return account && error.status().equals("FAILED_PRECONDITION") ? ACCOUNT : REQUEST;
    }

    private static Meaning ofForbidden(ApiError error) {
        if (error.reason().startsWith("API_KEY")) {
            return KEY;
        }
        if (!error.says("may not exist")) {
            return ACCOUNT;
        }
        return error.says("file") ? FILE : NOT_FOUND;
    }

    private static Meaning ofExhausted(ApiError error) {
        if (error.noQuota()) {
            return QUOTA;
        }
        return error.quotaNamed("PerDay") ? DAY : THROTTLED;
    }
}
