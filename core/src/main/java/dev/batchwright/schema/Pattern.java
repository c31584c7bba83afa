package dev.batchwright.schema;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A regular expression of {@link java.util.regex.Pattern} that a text must contain a match of;
 * write {@code ^} and {@code $} for the whole of it. It is checked here in any case; the provider
 * gets it as a pattern where it knows patterns and this one uses nothing that is Java's own, and in
 * words elsewhere. The texts that it is put to were written by a model: an expression that
 * backtracks without end can be made to.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE_USE})
public @interface Pattern {
    /** {@return the regular expression} */
    String value();
}
