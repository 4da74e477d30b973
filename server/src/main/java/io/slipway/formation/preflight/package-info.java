/**
 * What must be so before a cluster is formed. {@link io.slipway.formation.preflight.PreflightSteps} makes the steps; each
 * looks at one thing and changes nothing, except that a network on which neither the plan nor the kernel gives addresses
 * gets temporary ones, which the kernel takes away again by itself.
 *
 * <p>A node is asked once for everything ({@link io.slipway.formation.preflight.NodeFacts}), and the steps judge what it
 * said. On a cluster that is formed already all of it holds: what stands in the way is told apart from what is ours.
 *
 * <p>May depend on {@code formation}, {@code inventory}, {@code linstor}, {@code slackware}, {@code process} and
 * {@code problem}.
 */
@NullMarked
package io.slipway.formation.preflight;

import org.jspecify.annotations.NullMarked;
