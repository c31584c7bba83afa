package dev.batchwright.input;

import dev.batchwright.job.RawJson;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Text with places for the columns of a row: {@code Classify: {{text}}}. Blanks around a name do
 * not count; a backslash before two braces makes them stand for themselves.
 */
public final class Template {
    private final String source;
    private final List<Part> parts;

    private sealed interface Part {
        /** As it stands inside of a JSON string. */
        record Text(RawJson escaped) implements Part {}

        record Column(String name) implements Part {}
    }

    /** The values of one row, as they stand inside of a JSON string. */
    interface Row {
        /** Appends a value; says false where the row has no such column. */
        boolean append(String column, JsonBuffer target);
    }

    private Template(String source, List<Part> parts) {
        this.source = source;
        this.parts = parts;
    }

    /** The template of a single column. */
    static Template column(String name) {
        return new Template("{{" + name + "}}", List.of(new Part.Column(name)));
    }

    /**
     * @param option that it was given with, for messages
     */
    public static Template parse(String option, String source) {
        if (source.isBlank()) {
            throw new InputException(
                    "%s is empty. Give it a text with the input's columns, as in 'Classify: {{text}}'."
                            .formatted(option));
        }
        var parts = new ArrayList<Part>();
        var text = new StringBuilder();
        int i = 0;
        while (i < source.length()) {
            if (source.startsWith("\\{{", i)) {
                text.append("{{");
                i += 3;
            } else if (source.startsWith("{{", i)) {
                int end = source.indexOf("}}", i);
                if (end < 0) {
                    throw new InputException(
                            "%s has `{{` at character %d without `}}`. Close it, or write `\\{{` for two braces."
                                    .formatted(option, i + 1));
                }
                String name = source.substring(i + 2, end).strip();
                if (name.isEmpty()) {
                    throw new InputException(
                            "%s has `{{}}` at character %d. Name a column between the braces."
                                    .formatted(option, i + 1));
                }
                addText(parts, text);
                parts.add(new Part.Column(name));
                i = end + 2;
            } else {
                text.append(source.charAt(i++));
            }
        }
        addText(parts, text);
        return new Template(source, List.copyOf(parts));
    }

    private static void addText(List<Part> parts, StringBuilder text) {
        if (text.isEmpty()) {
            return;
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        var buffer = new JsonBuffer();
        buffer.escaped(bytes, 0, bytes.length);
        parts.add(new Part.Text(buffer.json()));
        text.setLength(0);
    }

    /** As the user wrote it. */
    public String source() {
        return source;
    }

    Set<String> columns() {
        var names = new LinkedHashSet<String>();
        for (Part part : parts) {
            if (part instanceof Part.Column(var name)) {
                names.add(name);
            }
        }
        return names;
    }

    /** Appends what the template comes to for a row that has all its columns. */
    void render(Row row, JsonBuffer target) {
        for (Part part : parts) {
            switch (part) {
                case Part.Text(var escaped) -> target.raw(escaped);
                case Part.Column(var name) -> row.append(name, target);
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Template template && source.equals(template.source);
    }

    @Override
    public int hashCode() {
        return source.hashCode();
    }

    @Override
    public String toString() {
        return source;
    }
}
