/**
 * Programs on nodes: {@link io.slipway.remote.SshSession} is a node's {@link io.slipway.process.CommandRunner}, over one
 * SSH connection, with the host keys that the node reported during its installation. No key is ever trusted on first use.
 * {@link io.slipway.remote.SshForward} leads a local port through it.
 *
 * <p>I/O: SSH. May depend on {@code inventory}, {@code authority}, {@code process} and {@code problem}; the only user of
 * sshj.
 */
@NullMarked
package io.slipway.remote;

import org.jspecify.annotations.NullMarked;
