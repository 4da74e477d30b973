/**
 * Where SlackBuilds run: {@link io.slipway.slackbuild.root.BuildRoots} makes directories out of packages, each named by
 * what it was made of and never changed afterwards; {@link io.slipway.slackbuild.root.Sandbox} runs a command on top of
 * them, in namespaces of its own, bounded in time, memory, processes and disk, and leaves nothing behind.
 *
 * <p>I/O: disk, processes. May depend on {@code archive}, {@code slackware}, {@code store}, {@code process} and
 * {@code problem}; knows nothing of SlackBuilds but that they are commands which leave files in {@code /output}.
 */
@NullMarked
package io.slipway.slackbuild.root;

import org.jspecify.annotations.NullMarked;
