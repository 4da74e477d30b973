/**
 * The running appliance: {@link io.slipway.app.Appliance} makes the parts, starts them in order and stops them in the
 * reverse one; {@link io.slipway.app.ApplianceClient} is how the other commands talk to it.
 *
 * <p>Edge. May depend on everything but {@code cli}, {@code lab} and {@code bench}.
 */
@NullMarked
package io.slipway.app;

import org.jspecify.annotations.NullMarked;
