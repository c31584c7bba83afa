package dev.batchwright.config;

import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a YAML parser complains about, without its quotation of the file: a key may be in it. */
final class YamlProblem {
    private static final Pattern DUPLICATE =
            Pattern.compile("[Dd]uplicate.*?[\"'`]([\\w.-]+)[\"'`]");
    private static final Pattern LINE = Pattern.compile("line (\\d+)");

    private YamlProblem() {}

    static Problem of(JacksonException e) {
        String message = String.valueOf(e.getOriginalMessage());
        return new Problem("line " + line(e, message), what(message));
    }

    private static String line(JacksonException e, String message) {
        // The parser's message ends with the place of the problem; its location may be that of the
        // block around it.
        String last =
                LINE.matcher(message).results().reduce((a, b) -> b).map(r -> r.group(1)).orElse("");
        if (!last.isEmpty()) {
            return last;
        }
        TokenStreamLocation location = e.getLocation();
        return location != null && location.getLineNr() > 0
                ? Integer.toString(location.getLineNr())
                : "?";
    }

    private static String what(String message) {
        Matcher duplicate = DUPLICATE.matcher(message);
        if (duplicate.find()) {
            return "the key `%s` stands here twice".formatted(duplicate.group(1));
        }
        if (message.contains("\\t") || message.contains("TAB")) {
            return "is not valid YAML: a tab; indent with spaces";
        }
        return "is not valid YAML; check the indentation, the colons and the quotes around it";
    }
}
