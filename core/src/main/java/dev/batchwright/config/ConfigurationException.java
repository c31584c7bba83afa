package dev.batchwright.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration file can't be used; the message lists everything that is wrong with it. */
public final class ConfigurationException extends RuntimeException {
    ConfigurationException(Path file, List<Problem> problems) {
        super(message(file, problems));
    }

    private ConfigurationException(String message) {
        super(message);
    }

    private ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }

    static ConfigurationException unreadable(Path file, IOException cause) {
        return new ConfigurationException(
                "%s can't be read (%s). Make it readable UTF-8 text, or remove it."
                        .formatted(file, cause.getClass().getSimpleName()),
                cause);
    }

    static ConfigurationException missing(Path file, String variable) {
        return new ConfigurationException(
                "The variable %s names the file %s, which does not exist. Create it, or unset the variable."
                        .formatted(variable, file));
    }

    private static String message(Path file, List<Problem> problems) {
        int width = problems.stream().mapToInt(p -> p.where().length()).max().orElse(0);
        return problems.stream()
                .map(p -> "  %s    %s".formatted(padded(p.where(), width), p.what()))
                .collect(
                        Collectors.joining(
                                "\n",
                                "%s has %d %s:\n"
                                        .formatted(
                                                file,
                                                problems.size(),
                                                problems.size() == 1 ? "problem" : "problems"),
                                ""));
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
