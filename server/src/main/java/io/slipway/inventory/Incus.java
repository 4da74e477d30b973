package io.slipway.inventory;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param port TCP port of the API on every member
 * @param localPool the pool that each member has for itself
 * @param uplink where OVN networks leave the cluster, or null for none
 * @param network the first OVN network, or null for none
 * @param trust names of clients that get a trust token after formation
 */
public record Incus(
        int port,
        LocalPool localPool,
        @Nullable Uplink uplink,
        @Nullable OvnNetwork network,
        List<String> trust) {
    public Incus {
        trust = List.copyOf(trust);
    }

    /**
     * @param name the pool's name in Incus
     * @param driver {@code dir}, {@code lvm} or {@code zfs}
     */
    public record LocalPool(String name, Driver driver) {}

    /** Incus's storage drivers for a local pool. */
    public enum Driver {
        DIR,
        LVM,
        ZFS
    }

    /**
     * @param name the physical network's name in Incus
     * @param subnet addresses outside the cluster
     * @param gateway their router
     * @param ranges addresses that OVN's routers take
     * @param ingress addresses kept for network forwards, apart from {@code ranges}, or null
     * @param dns name servers for instances
     */
    public record Uplink(
            String name,
            Ipv4Network subnet,
            Ipv4Address gateway,
            List<Ipv4Range> ranges,
            @Nullable Ipv4Range ingress,
            List<Ipv4Address> dns) {
        public Uplink {
            ranges = List.copyOf(ranges);
            dns = List.copyOf(dns);
        }
    }

    /**
     * @param name the network's name in Incus
     * @param subnet the addresses of instances
     */
    public record OvnNetwork(String name, Ipv4Network subnet) {}
}
