/**
 * Files in YAML that people write: bound to records whose components say what they mean, with line and column of
 * everything that does not fit, all at once, and what was probably meant.
 *
 * <p>Reads text, not files. May depend on {@code problem}, and is alone with {@code image} in using snakeyaml.
 */
@NullMarked
package io.slipway.yaml;

import org.jspecify.annotations.NullMarked;
