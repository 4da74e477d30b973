/**
 * What is wrong with a SlackBuild by the rules of SlackBuilds.org and ours: {@link io.slipway.slackbuild.lint.Linter} asks
 * the rules of each kind of file.
 *
 * <p>Pure: values in, findings out. May depend on {@code slackbuild} (the files as values), {@code slackware} and
 * {@code archive} (names of packages and files), {@code yaml} (near words) and {@code problem}.
 */
@NullMarked
package io.slipway.slackbuild.lint;

import org.jspecify.annotations.NullMarked;
