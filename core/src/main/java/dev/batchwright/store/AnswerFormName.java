package dev.batchwright.store;

/** The forms of answers as the database spells them. */
final class AnswerFormName {
    private AnswerFormName() {}

    static String of(AnswerForm form) {
        return switch (form) {
            case FIELDS -> "fields";
            case RESPONSE -> "response";
            case BODY -> "body";
            case ERROR -> "error";
        };
    }

    static AnswerForm read(String name) {
        return switch (name) {
            case "fields" -> AnswerForm.FIELDS;
            case "response" -> AnswerForm.RESPONSE;
            case "body" -> AnswerForm.BODY;
            case "error" -> AnswerForm.ERROR;
            default -> throw new StoreException("Unknown form of an answer: " + name);
        };
    }
}
