/**
 * Renders the files under {@code templates/}. FreeMarker with {@code [=…]} interpolations and {@code <#…>} tags, so that
 * shell's and iPXE's own <code>${…}</code> pass through untouched; a missing value is an error, never an empty string.
 *
 * <p>Reads template files, renders in memory. May depend on {@code problem}.
 */
@NullMarked
package io.slipway.template;

import org.jspecify.annotations.NullMarked;
