/**
 * Composes an image: one immutable tree, named by the SHA-256 of its manifest, hard-linked from the content store.
 * {@link io.slipway.image.ImageBuilder} takes a cluster, a snapshot, overlays and templates and publishes
 * {@code images/DIGEST} by rename, {@code images/current} last. What was compiled comes as
 * {@link io.slipway.image.Compiled}; how it was built is not known here. {@link io.slipway.image.ClusterPackages} says which
 * package wins over which (pure).
 *
 * <p>I/O: the state directory. May depend on {@code inventory}, {@code slackware}, {@code archive}, {@code template},
 * {@code plan}, {@code store}, {@code authority}, {@code mirror} and {@code problem}.
 */
@NullMarked
package io.slipway.image;

import org.jspecify.annotations.NullMarked;
