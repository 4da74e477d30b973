/**
 * SlackBuilds on disk: reads directories of them as values of {@code slackbuild}
 * ({@link io.slipway.slackbuild.tree.SlackBuildTrees}), asks bash about syntax, and asks a script for the name of its
 * package ({@link io.slipway.slackbuild.tree.PrintedPackageName}, which is the only thing here that runs what others
 * wrote).
 *
 * <p>I/O: disk and processes. May depend on {@code slackbuild}, {@code slackbuild.lint}, {@code slackware}, {@code process}, {@code store} (what
 * disks say) and {@code problem}.
 */
@NullMarked
package io.slipway.slackbuild.tree;

import org.jspecify.annotations.NullMarked;
