package io.slipway.inventory.yaml;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a key of {@code cluster.yaml} means and may hold. A component that is not {@code @Nullable} is required. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Key {
    /** One sentence for people and editors. */
    String value();

    /** A regular expression that strings (and the strings of a list, and the keys of a map) match as a whole. */
    String pattern() default "";

    /** What {@link #pattern()} asks for, in words. */
    String shape() default "";

    int min() default 0;

    int max() default Integer.MAX_VALUE;

    /** What holds where the key is absent, in words; the value itself is derived by {@link ClusterYamlReader}. */
    String otherwise() default "";
}
