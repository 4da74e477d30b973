/**
 * From a Slackware mirror (a directory, rsync or http) to a snapshot: {@link io.slipway.mirror.MirrorSync} takes what a
 * cluster needs, checks every file against CHECKSUMS.md5 and that against the pinned key, and publishes
 * {@code <state>/snapshots/<name>/{tree/,snapshot.json}}, which never changes again. {@link io.slipway.mirror.Snapshot} is
 * what the image is built from.
 *
 * <p>I/O: disk, network, the program rsync. May depend on {@code inventory}, {@code slackware}, {@code http}, {@code store},
 * {@code authority}, {@code process}, {@code problem} and Jackson.
 */
@NullMarked
package io.slipway.mirror;

import org.jspecify.annotations.NullMarked;
