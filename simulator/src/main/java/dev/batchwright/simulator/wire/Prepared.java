package dev.batchwright.simulator.wire;

/**
 * Work whose answer is known as soon as the request is read: lists, counts, vectors.
 *
 * @param model "" for endpoints that can do without
 */
public record Prepared(String model, Answer run) implements Work {
    /** Costs nothing. */
    public static Intake free(Reply reply) {
        return new Intake.Ready(new Prepared("", new Answer(reply, 0, 0)));
    }

    @Override
    public long promptTokens() {
        return run.promptTokens();
    }

    @Override
    public long maxOutputTokens() {
        return 0;
    }
}
