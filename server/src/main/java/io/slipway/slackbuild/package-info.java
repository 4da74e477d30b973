/**
 * SlackBuilds as values: what {@code .info}, script, slack-desc and {@code stacks.yaml} say
 * ({@link io.slipway.slackbuild.Stacks}), and in which order they are to be built
 * ({@link io.slipway.slackbuild.BuildGraph}). Whatever is read may be a stranger's: it is bounded, never run, never
 * sourced, and refused with line and column. What is wrong with it by the rules is for {@code slackbuild.lint} to say.
 *
 * <p>Pure: text in, values out. May depend on {@code svg}, {@code slackware} and {@code archive} (names of packages and
 * files), {@code yaml} and {@code problem}.
 */
@NullMarked
package io.slipway.slackbuild;

import org.jspecify.annotations.NullMarked;
