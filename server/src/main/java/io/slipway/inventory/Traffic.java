package io.slipway.inventory;

import org.jspecify.annotations.Nullable;

/**
 * Which network carries what; each is a network's name.
 *
 * @param cluster names resolve to addresses on it; Raft, Incus and SSH use it
 * @param storage DRBD's replication
 * @param tunnel OVN's encapsulation
 * @param uplink where OVN's routers leave the cluster, or null for none
 */
public record Traffic(
        String cluster,
        String storage,
        String tunnel,
        @Nullable String uplink) {}
