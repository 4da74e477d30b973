package io.slipway.inventory;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The appliance on its boot network.
 *
 * @param address the appliance's own address there
 * @param subnet the boot network
 * @param dhcp what it does about DHCP
 * @param bootPort TCP port of the boot listener
 * @param adminPort TCP port of the admin listener
 * @param adminAddress address of the admin listener, on loopback (127.0.0.0/8)
 * @param enrolment whether a person confirms each installed node
 * @param armWindow how long an arming lasts
 * @param formation whether the cluster forms by itself when all are ready
 * @param ipxeDirectory where {@code undionly.kpxe} and {@code ipxe.efi} are
 */
public record Serve(
        Ipv4Address address,
        Ipv4Network subnet,
        Dhcp dhcp,
        int bootPort,
        int adminPort,
        String adminAddress,
        Enrolment enrolment,
        Duration armWindow,
        Formation formation,
        String ipxeDirectory) {

    /**
     * @param mode who gives addresses
     * @param pool addresses for machines that cluster.yaml does not know (mode {@code server}), or null
     * @param router the gateway that is offered (mode {@code server}), or null
     * @param lease how long an address lasts
     */
    public record Dhcp(
            DhcpMode mode,
            @Nullable Ipv4Range pool,
            @Nullable Ipv4Address router,
            Duration lease) {}

    /** Who answers DHCP on the boot network. */
    public enum DhcpMode {
        /** The network's own server gives addresses; we add only the boot part. */
        PROXY,
        /** We give addresses: reservations for nodes, a pool for unknown machines. */
        SERVER,
        /** Neither: the network's server is configured by hand. */
        OFF
    }

    /** How an installed node becomes trusted. */
    public enum Enrolment {
        AUTOMATIC,
        CONFIRM
    }

    /** When the post-boot phase starts. */
    public enum Formation {
        AUTOMATIC,
        MANUAL
    }
}
