package dev.batchwright.schema;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What the model is told of a record, a component or a constant of an enum: what it means, how to
 * choose. It travels in the schema and is the best place for such words.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.RECORD_COMPONENT, ElementType.FIELD})
public @interface Description {
    /** {@return the words, for the model} */
    String value();
}
