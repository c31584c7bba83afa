package dev.batchwright.input;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What was found wrong or doubtful so far, bounded however much there is. */
final class Findings {
    private static final int MOST_WARNINGS = 100;

    private final String file;
    private final List<Problem> problems = new ArrayList<>();
    private final Set<String> said = new HashSet<>();
    private final Map<String, Warning> warnings = new LinkedHashMap<>();
    private long problemCount;

    Findings(String file) {
        this.file = file;
    }

    /** Of all problems, those on the first lines are kept. */
    void problem(long line, String text) {
        problemCount++;
        int at = problems.size();
        while (at > 0 && problems.get(at - 1).line() > line) {
            at--;
        }
        if (at < LoadReport.SHOWN) {
            problems.add(at, new Problem(file, line, text));
        }
        if (problems.size() > LoadReport.SHOWN) {
            problems.removeLast();
        }
    }

    /** A problem of the options rather than of the line that shows it: it counts once. */
    void problemOnce(long line, String text) {
        if (said.add(text)) {
            problem(line, text);
        }
    }

    void warning(long line, String text) {
        if (warnings.size() < MOST_WARNINGS || warnings.containsKey(text)) {
            warnings.merge(
                    text,
                    new Warning(file, line, 1, text),
                    (old, next) -> new Warning(file, old.line(), old.count() + 1, text));
        }
    }

    boolean problems() {
        return problemCount > 0;
    }

    List<Problem> firstProblems() {
        return problems;
    }

    long problemCount() {
        return problemCount;
    }

    List<Warning> warnings() {
        return List.copyOf(warnings.values());
    }
}
