package dev.batchwright.simulator.fault;

import dev.batchwright.simulator.wire.Arrival;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Which calls a rule is about: those that meet all of the conditions. */
public record Restriction(List<Condition> conditions) {
    /** Every call. */
    public static final Restriction NONE = new Restriction(List.of());

    /** One condition on a call. */
    public sealed interface Condition {
        record Model(String name) implements Condition {}

        /** The canonical path, like {@code /v1/embeddings}; also accepted without {@code /v1}. */
        record Path(String path) implements Condition {}

        /** The body holds this text, byte for byte. */
        record Body(String text) implements Condition {}
    }

    /** Whether the call meets all conditions. */
    public boolean matches(String path, String model, Arrival arrival) {
        for (Condition condition : conditions) {
            boolean met =
                    switch (condition) {
                        case Condition.Model(String name) -> name.equals(model);
                        case Condition.Path(String wanted) ->
                                path.equals(wanted) || path.equals("/v1" + wanted);
                        case Condition.Body(String text) ->
                                new String(arrival.body(), StandardCharsets.UTF_8).contains(text);
                    };
            if (!met) {
                return false;
            }
        }
        return true;
    }

    static Restriction parse(String text) {
        var conditions = new ArrayList<Condition>();
        for (String part : text.strip().split("\\s+and\\s+", -1)) {
            conditions.add(condition(part.strip()));
        }
        return new Restriction(List.copyOf(conditions));
    }

    private static Condition condition(String text) {
        if (text.startsWith("model=") && text.length() > 6) {
            return new Condition.Model(text.substring(6));
        }
        if (text.startsWith("path=/")) {
            return new Condition.Path(text.substring(5));
        }
        if (text.startsWith("body~") && text.length() > 5) {
            return new Condition.Body(text.substring(5));
        }
        throw new IllegalArgumentException(
                "restriction '%s' is none of model=NAME, path=/v1/..., body~TEXT".formatted(text));
    }
}
