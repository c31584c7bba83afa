package dev.batchwright.provider.gemini;

/** A request has what Gemini has no counterpart of; the message is a clause that names it. */
final class Untranslatable extends Exception {
    private static final long serialVersionUID = 1;

    Untranslatable(String clause) {
        super(clause, null, false, false);
    }

    String clause() {
        return String.valueOf(getMessage());
    }
}
