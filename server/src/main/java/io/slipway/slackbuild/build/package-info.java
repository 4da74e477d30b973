/**
 * SlackBuilds become packages. {@link io.slipway.slackbuild.build.BuildDigest} is the text of all that a package is made of;
 * {@link io.slipway.slackbuild.build.BuildPlan} says what is there already and why the rest is to be built (both pure);
 * {@link io.slipway.slackbuild.build.BuildRunner} builds that, each in a sandbox with what it requires, checks what came out
 * and keeps it in {@link io.slipway.slackbuild.build.PackageCache} with a record of what it was made of.
 *
 * <p>I/O: disk, processes. Knows the other rooms of {@code slackbuild}; may depend on {@code slackware}, {@code archive},
 * {@code store}, {@code process} and {@code problem}.
 */
@NullMarked
package io.slipway.slackbuild.build;

import org.jspecify.annotations.NullMarked;
