package dev.batchwright.store;

/** The forms of answers as the database numbers them. */
final class AnswerFormCode {
    private AnswerFormCode() {}

    static int of(AnswerForm form) {
        return switch (form) {
            case FIELDS -> 0;
            case RESPONSE -> 1;
            case BODY -> 2;
            case ERROR -> 3;
        };
    }

    static AnswerForm read(int code) {
        return switch (code) {
            case 0 -> AnswerForm.FIELDS;
            case 1 -> AnswerForm.RESPONSE;
            case 2 -> AnswerForm.BODY;
            case 3 -> AnswerForm.ERROR;
            default -> throw new StoreException("Unknown form of an answer: " + code);
        };
    }
}
