/**
 * Upstream sources: {@link io.slipway.slackbuild.source.SourceFetcher} brings each into the content store once, from
 * directories, mirrors and its own addresses, and pins it by SHA-256 in {@link io.slipway.slackbuild.source.SourcesLock};
 * {@link io.slipway.slackbuild.source.SourceStore} gives builds what is held; {@link
 * io.slipway.slackbuild.source.SourceBundle} carries all of it to a machine without a network.
 *
 * <p>I/O: disk, HTTP. May depend on {@code archive}, {@code http}, {@code store} and {@code problem}; knows nothing of SlackBuilds but
 * the files that they want.
 */
@NullMarked
package io.slipway.slackbuild.source;

import org.jspecify.annotations.NullMarked;
