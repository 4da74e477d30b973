/**
 * What a machine is told when it asks for its boot script: {@link io.slipway.boot.BootPolicy} is one table from what is
 * known to a {@link io.slipway.boot.BootDecision}, {@link io.slipway.boot.IpxeScript} the words for it.
 *
 * <p>Pure. May depend on {@code inventory}, {@code lifecycle}, {@code dhcp} and {@code problem}.
 */
@NullMarked
package io.slipway.boot;

import org.jspecify.annotations.NullMarked;
