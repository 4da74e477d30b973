/**
 * Running other programs: an argument list (never a line for a shell), bounded output, a time limit that ends the whole
 * tree of processes. {@link io.slipway.process.CommandRunner} is the interface, so that tests can answer for programs;
 * {@link io.slipway.process.LocalCommandRunner} starts them here, {@code remote} on nodes.
 *
 * <p>I/O: processes. May depend on {@code problem}.
 */
@NullMarked
package io.slipway.process;

import org.jspecify.annotations.NullMarked;
