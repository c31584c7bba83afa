package dev.batchwright.schema;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The least and the greatest number of elements of a list, a set, an array or a map, both included:
 * {@code @Items(min = 1, max = 5) List<String> tags}. Of a set it counts what is different.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE_USE})
public @interface Items {
    /** {@return the least number of elements, at least 0} */
    int min() default 0;

    /** {@return the greatest number of elements} */
    int max() default Integer.MAX_VALUE;
}
