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
        TokenStreamLocation location = e.getLocation();
        if (location != null && location.getLineNr() > 0) {
            return Integer.toString(location.getLineNr());
        }
        Matcher line = LINE.matcher(message);
        return line.find() ? line.group(1) : "?";
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
