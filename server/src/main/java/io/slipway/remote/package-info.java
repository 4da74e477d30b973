/**
 * Commands on nodes: {@link io.slipway.remote.RemoteShell} is what others see, {@link
 * io.slipway.remote.SshRemoteShell} does it over SSH with the host keys that the node reported during its installation.
 * No key is ever trusted on first use.
 *
 * <p>I/O: SSH. May depend on {@code inventory}, {@code authority} and {@code problem}; the only user of sshj.
 */
@NullMarked
package io.slipway.remote;

import org.jspecify.annotations.NullMarked;
