package dev.batchwright.schema;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The least and the greatest value of a number, both included. Written at the number or at the
 * {@code Optional} around it: {@code @Range(min = 0, max = 1) double score}. A provider that knows
 * no bounds is told in words; answers are checked in any case.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE_USE})
public @interface Range {
    /** {@return the least value; without it there is none} */
    double min() default Double.NEGATIVE_INFINITY;

    /** {@return the greatest value; without it there is none} */
    double max() default Double.POSITIVE_INFINITY;
}
