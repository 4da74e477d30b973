/**
 * TFTP as a value: {@link io.slipway.tftp.TftpPacket} is read from and written to bytes, {@link
 * io.slipway.tftp.ReadTransfer} is one download as a state machine that is given packets and the time, and gives packets
 * back. Knows RFC 1350, 2347 (options), 2348 (blksize), 2349 (tsize, timeout) and 7440 (windowsize).
 *
 * <p>Pure, {@code java.base} only. May depend on nothing: sockets, files and clocks belong to {@code netboot}.
 */
@NullMarked
package io.slipway.tftp;

import org.jspecify.annotations.NullMarked;
