/**
 * From a checked cluster to what is to be built: the files of every node, the installer's instructions, and the
 * packages of the image. Values in, values out; nothing is written here.
 *
 * <p>Pure, but for the templates, which {@code template} reads. May depend on {@code inventory}, {@code slackware},
 * {@code archive}, {@code template} and {@code problem}.
 */
@NullMarked
package io.slipway.plan;

import org.jspecify.annotations.NullMarked;
