/**
 * DHCP as a value: {@link io.slipway.dhcp.DhcpMessage} and its options are read from and written to bytes,
 * {@link io.slipway.dhcp.BootClient} says what kind of firmware is asking, and two responders turn a question into an
 * {@link io.slipway.dhcp.Answer}: {@link io.slipway.dhcp.ProxyDhcpResponder} beside the network's own DHCP server,
 * {@link io.slipway.dhcp.DhcpServerResponder} in its place.
 *
 * <p>Pure, {@code java.base} only. May depend on nothing: sockets and clocks belong to {@code netboot}.
 */
@NullMarked
package io.slipway.dhcp;

import org.jspecify.annotations.NullMarked;
