/**
 * What forms a cluster, without knowing what a cluster is made of: a {@link io.slipway.formation.FormationPlan} is a
 * checked list of {@link io.slipway.formation.Step}s; {@link io.slipway.formation.FormationRunner} looks, acts and
 * verifies, side by side where steps allow it. It keeps no record: what is done is asked of the cluster each time, so a
 * run that was killed is simply run again.
 *
 * <p>Steps reach nodes through {@link io.slipway.formation.Nodes} and know nothing of SSH; the runner knows nothing of
 * what they do there; {@link io.slipway.formation.SideBySide} asks many at once. It has threads and a clock, and no other I/O. May depend on {@code process} and {@code problem}.
 */
@NullMarked
package io.slipway.formation;

import org.jspecify.annotations.NullMarked;
