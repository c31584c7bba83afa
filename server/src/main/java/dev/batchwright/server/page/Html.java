package dev.batchwright.server.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Markup that what it shows can't break: every text is escaped when it is written, and there is no
 * way to put in markup as a string. Elements and attributes come from {@link Tags} and {@link
 * Attribute}, which know neither inline scripts nor inline styles.
 */
sealed interface Html extends Part {
    /** Text, whatever it looks like. */
    record Text(String text) implements Html {}

    /** An element; void ones have no children. */
    record Element(String tag, List<Attribute> attributes, List<Html> children) implements Html {
        static Element of(String tag, Part... parts) {
            return new Element(
                    tag,
                    Arrays.stream(parts)
                            .filter(Attribute.class::isInstance)
                            .map(Attribute.class::cast)
                            .toList(),
                    Arrays.stream(parts)
                            .filter(Html.class::isInstance)
                            .map(Html.class::cast)
                            .toList());
        }
    }

    /** Several beside each other. */
    record Group(List<Html> members) implements Html {}

    /** Nothing. */
    static Html none() {
        return new Group(List.of());
    }

    static Html text(String text) {
        return new Text(text);
    }

    static Html group(Html... members) {
        return new Group(List.of(members));
    }

    /** One for each. */
    static <T> Html each(Iterable<T> all, Function<? super T, Html> one) {
        var members = new ArrayList<Html>();
        all.forEach(each -> members.add(one.apply(each)));
        return new Group(members);
    }

    /** This, if it is so. */
    static Html when(boolean so, Supplier<Html> html) {
        return so ? html.get() : none();
    }

    /** Writes it out. */
    default void writeTo(StringBuilder out) {
        switch (this) {
            case Text(String text) -> Characters.escape(text, out);
            case Group(var members) -> members.forEach(member -> member.writeTo(out));
            case Element(String tag, var attributes, var children) -> {
                out.append('<').append(tag);
                attributes.forEach(attribute -> attribute.writeTo(out));
                out.append('>');
                if (!Tags.VOID.contains(tag)) {
                    children.forEach(child -> child.writeTo(out));
                    out.append("</").append(tag).append('>');
                }
            }
        }
    }
}
