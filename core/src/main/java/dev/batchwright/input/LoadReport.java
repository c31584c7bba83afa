package dev.batchwright.input;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What an input came to. With a single problem nothing may be sent.
 *
 * @param items how many requests it holds; those with a problem are not counted
 * @param problems the first ones, at most {@link #SHOWN}
 * @param problemCount all of them
 * @param columns of a table, or of plain rows in the order in which they appear; empty where the
 *     input holds no rows
 * @param targets how many requests go where
 * @param bytes read, after decompression
 */
public record LoadReport(
        long items,
        List<Problem> problems,
        long problemCount,
        List<Warning> warnings,
        List<String> columns,
        Map<Target, Long> targets,
        long bytes) {
    /** The most problems that are shown. */
    public static final int SHOWN = 20;

    public LoadReport {
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
        columns = List.copyOf(columns);
        targets = Map.copyOf(targets);
    }

    /** Where a request goes; the model as it is sent, empty where none is named. */
    public record Target(String provider, String model, String endpoint) {}

    public boolean valid() {
        return problemCount == 0;
    }

    public Map<String, Long> models() {
        return countBy(Target::model);
    }

    public Map<String, Long> endpoints() {
        return countBy(Target::endpoint);
    }

    public Map<String, Long> providers() {
        return countBy(Target::provider);
    }

    /** The problems as one paragraph for people, one a line, with the count of those not shown. */
    public String problemText() {
        var text = new StringBuilder();
        problems.forEach(problem -> text.append(problem).append('\n'));
        long more = problemCount - problems.size();
        if (more > 0) {
            text.append("... and %,d more problem%s.\n".formatted(more, more == 1 ? "" : "s"));
        }
        text.append("Nothing was sent.");
        return text.toString();
    }

    private Map<String, Long> countBy(Function<Target, String> key) {
        var counts = new TreeMap<String, Long>();
        targets.forEach((target, count) -> counts.merge(key.apply(target), count, Long::sum));
        return counts;
    }
}
