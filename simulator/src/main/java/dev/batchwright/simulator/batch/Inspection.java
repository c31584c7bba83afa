package dev.batchwright.simulator.batch;

import java.util.List;

/**
 * What looking through the input of a batch came to.
 *
 * @param rows how many there are
 * @param tokens an estimate of the tokens of all prompts
 * @param model the one that all rows ask for, or ""
 * @param problems nothing is executed if there are any
 */
public record Inspection(long rows, long tokens, String model, List<Problem> problems) {
    public Inspection {
        problems = List.copyOf(problems);
    }

    public static Inspection failed(Problem problem) {
        return new Inspection(0, 0, "", List.of(problem));
    }
}
