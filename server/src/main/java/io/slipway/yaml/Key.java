package io.slipway.yaml;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a key of a YAML file means and may hold. A component that is not {@code @Nullable} is required. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
    /** One sentence for people and editors. */
    String value();

    /** A regular expression that strings (and the strings of a list, and the keys of a map) match as a whole. */
    String pattern() default "";

    /** What {@link #pattern()} asks for, in words. */
    String shape() default "";

    int min() default 0;

    int max() default Integer.MAX_VALUE;

    /** What holds where the key is absent, in words; the reader of the file derives the value itself. */
    String otherwise() default "";
}
