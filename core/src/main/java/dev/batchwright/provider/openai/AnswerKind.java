package dev.batchwright.provider.openai;

/** What a complete answer of an endpoint looks like, as far as it matters to us. */
enum AnswerKind {
    CHOICES("choices"),
    DATA("data"),
    RESULTS("results"),
    OUTPUT("output"),
    /** An endpoint that we do not know: any JSON. */
    ANY("");

    /** What an answer turned out to be. */
    enum Judgement {
        COMPLETE,
        UNFINISHED,
        OTHER
    }

    private final String name;

    AnswerKind(String name) {
        this.name = name;
    }

    static AnswerKind of(String endpoint) {
        return switch (endpoint) {
            case "/v1/chat/completions", "/v1/completions" -> CHOICES;
            case "/v1/embeddings", "/v1/images/generations", "/v1/images/edits", "/v1/score" ->
                    DATA;
            case "/v1/moderations", "/v1/rerank" -> RESULTS;
            case "/v1/responses" -> OUTPUT;
            default -> ANY;
        };
    }

    /** The name at the top of a body that only such an answer has. */
    String field() {
        return name;
    }

    Judgement judge(Answer answer) {
        return judge(answer.status(), answer.has(name), answer.isArray());
    }

    /**
     * @param status the body's own, or nothing
     * @param hasField whether {@link #field} is there
     * @param isArray whether the body is a list
     */
    Judgement judge(String status, boolean hasField, boolean isArray) {
        if (this == ANY) {
            return Judgement.COMPLETE;
        }
        if (this == OUTPUT) {
            return switch (status) {
                case "queued", "in_progress" -> Judgement.UNFINISHED;
                case "failed", "cancelled" -> Judgement.OTHER;
                default -> hasField ? Judgement.COMPLETE : Judgement.OTHER;
            };
        }
        // Some rerank servers answer with the bare list.
        boolean bareList = this == RESULTS && isArray;
        return hasField || bareList ? Judgement.COMPLETE : Judgement.OTHER;
    }
}
