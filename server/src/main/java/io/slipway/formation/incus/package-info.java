/**
 * Incus: from daemons that answer to a cluster with its storage pools, its uplink, its first OVN network and a profile to
 * launch instances with. {@link io.slipway.formation.incus.IncusSteps} makes the steps of a cluster; {@link
 * io.slipway.formation.incus.IncusApi} asks one daemon.
 *
 * <p>Everything is asked by {@code incus query} on a member: no port is opened for it and no client certificate is needed.
 * The one secret, the key that Incus shows to OVN's Northbound database, is made on a member and stays on members.
 *
 * <p>May depend on {@code formation}, {@code inventory}, {@code process} and {@code problem}.
 */
@NullMarked
package io.slipway.formation.incus;

import org.jspecify.annotations.NullMarked;
