/**
 * Replicated storage: from installed nodes to a LINSTOR cluster with one pool on each satellite and a resource group that
 * places the wanted number of copies. {@link io.slipway.formation.linstor.LinstorSteps} makes the steps of a cluster.
 *
 * <p>Modules and tools come before the satellites, since a satellite looks once for what it can do; satellites before
 * nodes, nodes before pools. A partition is given to LINSTOR only if the installer left it for that and nothing is on it.
 *
 * <p>May depend on {@code formation}, {@code linstor}, {@code inventory}, {@code process} and {@code problem}.
 */
@NullMarked
package io.slipway.formation.linstor;

import org.jspecify.annotations.NullMarked;
