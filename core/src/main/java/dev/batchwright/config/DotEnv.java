package dev.batchwright.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The format of {@code .env}: a line is blank, a {@code # comment}, or {@code NAME=value}, with
 * {@code export} before it if you like. {@code 'single quotes'} keep everything as it is; {@code
 * "double quotes"} know {@code \n \t \" \\}; without quotes the value ends before {@code " #"}.
 * Values stay on one line, and nothing is expanded.
 */
final class DotEnv {
    private static final Pattern LINE =
            Pattern.compile(
                    """
                    (?:export\\s+)?(?<name>[A-Za-z_][A-Za-z0-9_.]*)\\s*=\\s*\
                    (?:'(?<single>[^']*)'\\s*(?:\\#.*)?\
                    |"(?<double>(?:[^"\\\\]|\\\\.)*)"\\s*(?:\\#.*)?\
                    |(?<plain>[^'"].*|))\
                    """);
    private static final Pattern COMMENT = Pattern.compile("(^|\\s+)#.*$");

    private static final Pattern ESCAPE = Pattern.compile("\\\\([nt\"\\\\])");

    private DotEnv() {}

    static Map<String, String> parse(Path file, String text) {
        var variables = new HashMap<String, String>();
        var problems = new ArrayList<Problem>();
        List<String> lines = text.replace("\uFEFF", "").lines().map(String::strip).toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher variable = LINE.matcher(line);
            if (variable.matches()) {
                variables.put(variable.group("name"), value(variable));
            } else {
                // The line itself is not shown: a key may be in it.
                problems.add(
                        new Problem(
                                "line " + (i + 1),
                                "is not of the form NAME=value; quote a value that holds quotes,"
                                        + " and write a comment after #"));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(file, problems);
        }
        return variables;
    }

    private static String value(Matcher variable) {
        if (variable.group("single") != null) {
            return variable.group("single");
        }
        String quoted = variable.group("double");
        if (quoted != null) {
            return ESCAPE.matcher(quoted).replaceAll(DotEnv::unescaped);
        }
        return COMMENT.matcher(variable.group("plain")).replaceFirst("").strip();
    }

    private static String unescaped(MatchResult escape) {
        return switch (escape.group(1)) {
            case "n" -> "\n";
            case "t" -> "\t";
            default -> Matcher.quoteReplacement(escape.group(1));
        };
    }
}
