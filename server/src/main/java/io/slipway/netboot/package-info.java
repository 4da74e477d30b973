/**
 * What listens on the boot network and for the operator: DHCP (67, 4011), TFTP (69), the boot listener and the admin
 * listener over HTTP. {@link io.slipway.netboot.NodeRegistry} is the one place where what they hear becomes events of
 * nodes. A broken packet or request is logged and answered or dropped; it never ends a listener.
 *
 * <p>I/O: sockets. May depend on {@code inventory}, {@code dhcp}, {@code tftp}, {@code ntp}, {@code boot}, {@code lifecycle}, {@code
 * lifecycle.journal} and {@code problem}; the only user of Undertow.
 */
@NullMarked
package io.slipway.netboot;

import org.jspecify.annotations.NullMarked;
