/**
 * Pictures as text: {@link io.slipway.svg.SvgDrawing} is one SVG file while it is drawn.
 *
 * <p>Pure, {@code java.base} only. May depend on nothing: what is drawn is known by those who draw.
 */
@NullMarked
package io.slipway.svg;

import org.jspecify.annotations.NullMarked;
