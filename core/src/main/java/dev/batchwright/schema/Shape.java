package dev.batchwright.schema;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a place in an answer may hold: a Java type together with its annotations. */
sealed interface Shape {
    /**
     * A text.
     *
     * @param min length in code points
     * @param max length in code points
     */
    record Text(int min, int max, Optional<java.util.regex.Pattern> pattern) implements Shape {}

    /**
     * A number.
     *
     * @param type one of Java's, boxed
     * @param whole whether it has no fraction
     */
    record Numeric(Class<?> type, boolean whole, double min, double max) implements Shape {}

    /** True or false. */
    record Truth() implements Shape {}

    /** A text in a format of its own. */
    record Formatted(Format format) implements Shape {}

    /**
     * One of the constants of an enum, by the names that they have in JSON.
     *
     * @param descriptions of those constants that have one
     */
    record Choice(Class<?> type, Map<String, Enum<?>> constants, Map<String, String> descriptions)
            implements Shape {}

    /** An array in JSON. */
    record Sequence(Container container, Class<?> elementType, Shape element, int min, int max)
            implements Shape {}

    enum Container {
        LIST,
        SET,
        ARRAY
    }

    /**
     * A map: strict schemas have no open objects, so in JSON it is an array of objects with a
     * {@code key} and a {@code value}.
     *
     * @param key a text or a choice
     */
    record Entries(Shape key, Shape value, int min, int max) implements Shape {}

    /** Something that may be {@code null} in JSON. */
    record Maybe(Absence absence, Shape inner) implements Shape {}

    /** What stands in Java for something that is not there. */
    enum Absence {
        NULL,
        OPTIONAL,
        OPTIONAL_INT,
        OPTIONAL_LONG,
        OPTIONAL_DOUBLE
    }

    /** A record or a sealed interface, to be looked up: it may be one that is being read. */
    record Named(Class<?> type) implements Shape {}

    /** What a {@link Named} leads to. */
    sealed interface Definition {
        String name();

        Optional<String> description();
    }

    record RecordType(
            Class<?> type,
            String name,
            Optional<String> description,
            List<Component> components,
            Constructor<?> constructor)
            implements Definition {}

    /**
     * @param name in JSON
     * @param leadsBack whether its type contains the record that it is a component of
     */
    record Component(
            String name,
            Shape shape,
            Optional<String> description,
            Method accessor,
            boolean leadsBack) {
        /** Whether an answer may leave it out; an empty value stands for it then. */
        boolean omissible() {
            return shape instanceof Maybe
                    || (leadsBack && (shape instanceof Sequence || shape instanceof Entries));
        }
    }

    /**
     * A sealed interface.
     *
     * @param variants its records, by the name that the discriminator has for them
     */
    record Union(
            Class<?> type,
            String name,
            Optional<String> description,
            Map<String, RecordType> variants)
            implements Definition {
        /** The property that says which variant an object is. */
        static final String DISCRIMINATOR = "type";
    }
}
