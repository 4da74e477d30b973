/**
 * The time as a value: {@link io.slipway.ntp.NtpAnswer} makes the answer to a client's question. Knows RFC 5905, as far as
 * a server needs it that hands on its machine's clock.
 *
 * <p>Pure, {@code java.base} only. May depend on nothing: sockets and clocks belong to {@code netboot}.
 */
@NullMarked
package io.slipway.ntp;

import org.jspecify.annotations.NullMarked;
