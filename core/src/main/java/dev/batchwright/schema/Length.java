package dev.batchwright.schema;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The least and the greatest length of a text, in Unicode characters (code points), both included:
 * {@code @Length(max = 80) String title}, {@code List<@Length(min = 1) String> tags}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE_USE})
public @interface Length {
    /** {@return the least number of characters, at least 0} */
    int min() default 0;

    /** {@return the greatest number of characters} */
    int max() default Integer.MAX_VALUE;
}
