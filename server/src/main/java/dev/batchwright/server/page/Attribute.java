package dev.batchwright.server.page;

import java.util.Optional;
import java.util.Set;

/**
 * An attribute; its value is escaped when it is written. An address in it is one of this server.
 */
record Attribute(String name, Optional<String> value) implements Part {
    private static final Set<String> ADDRESSES =
            Set.of("href", "src", "action", "formaction", "hx-get", "hx-post");

    static Attribute of(String name, String value) {
        return new Attribute(name, Optional.of(value));
    }

    /** One that is set by being there. */
    static Attribute flag(String name) {
        return new Attribute(name, Optional.empty());
    }

    static Attribute cls(String classes) {
        return of("class", classes);
    }

    static Attribute id(String id) {
        return of("id", id);
    }

    static Attribute href(Link link) {
        return of("href", link.toString());
    }

    static Attribute action(Link link) {
        return of("action", link.toString());
    }

    static Attribute src(Link link) {
        return of("src", link.toString());
    }

    static Attribute title(String title) {
        return of("title", title);
    }

    Attribute {
        if (!name.matches("[a-zA-Z][a-zA-Z0-9-]*")
                || name.startsWith("on")
                || name.equals("style")
                || name.equals("srcdoc")) {
            throw new IllegalArgumentException("`%s` is no attribute of ours".formatted(name));
        }
        if (ADDRESSES.contains(name) && !value.orElse("").matches("#[a-z-]+|/|/[^/].*")) {
            throw new IllegalArgumentException("`%s` leads away from here".formatted(name));
        }
    }

    void writeTo(StringBuilder out) {
        out.append(' ').append(name);
        value.ifPresent(
                text -> {
                    out.append("=\"");
                    Characters.escape(text, out);
                    out.append('"');
                });
    }
}
