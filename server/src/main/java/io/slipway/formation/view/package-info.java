/**
 * What stands: a cluster as its nodes say it is, for people to look at. {@link io.slipway.formation.view.ClusterLook}
 * asks each node once and changes nothing; {@link io.slipway.formation.view.ClusterView} is what came of it;
 * {@link io.slipway.formation.view.ViewText}, {@link io.slipway.formation.view.ViewJson} and
 * {@link io.slipway.formation.view.ViewSvg} show it. A node that does not answer is part of the picture, not a failure.
 *
 * <p>May depend on {@code formation}, {@code formation.ovn}, {@code inventory}, {@code process}, {@code svg} and {@code problem}.
 */
@NullMarked
package io.slipway.formation.view;

import org.jspecify.annotations.NullMarked;
