package dev.batchwright.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The variables that we may read: the process's own and, behind them, those of a {@code .env} file.
 * A variable that is set but blank counts as not set. Passed in everywhere; nothing deep inside
 * asks the system.
 */
public final class Environment {
    private final Map<String, String> variables;

    private Environment(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
    }

    public static Environment of(Map<String, String> variables) {
        return new Environment(variables);
    }

    /**
     * The process's variables over those of {@code .env} in a directory, where there is one.
     *
     * @throws ConfigurationException if that file can't be read or has a line that is no variable
     */
    public static Environment of(Map<String, String> process, Path directory) {
        Path file = directory.resolve(".env");
        if (!Files.isRegularFile(file)) {
            return new Environment(process);
        }
        try {
            var variables = new HashMap<>(DotEnv.parse(file, Files.readString(file)));
            process.forEach(
                    (name, value) -> {
                        if (!value.isBlank()) {
                            variables.put(name, value);
                        }
                    });
            return new Environment(variables);
        } catch (IOException e) {
            throw ConfigurationException.unreadable(file, e);
        }
    }

    public Optional<String> get(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    /** Nothing of the values: keys are among them. */
    @Override
    public String toString() {
        return "Environment of " + variables.size() + " variables";
    }
}
