package io.slipway.plan;

import io.slipway.inventory.Bond;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.Network;
import io.slipway.inventory.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node's network devices in the order in which Slackware's rc.inet1 must meet them: plain interfaces, bonds, VLANs,
 * bridges. An index of rc.inet1.conf is the place in this list.
 *
 * @param devices bottom-up
 * @param gateway the default gateway if the node is in its subnet, else null
 */
public record NetworkPlan(List<Device> devices, @Nullable Ipv4Address gateway) {
    private static final int STANDARD_MTU = 1500;

    public NetworkPlan {
        devices = List.copyOf(devices);
    }

    /**
     * @param index place in rc.inet1.conf
     * @param kind what it is
     * @param name the device
     * @param ports what a bond or bridge is made of, or the VLAN's parent
     * @param addresses address and prefix, none or one
     * @param options rc.inet1's IFOPTS: arguments of {@code ip link set}, for a bond or bridge of its type
     * @param mtu the MTU that the device must have
     * @param bondMode of a bond, else empty
     * @param purpose the networks that it serves, for people
     */
    public record Device(
            int index,
            Kind kind,
            String name,
            List<String> ports,
            List<String> addresses,
            List<String> options,
            int mtu,
            String bondMode,
            String purpose) {
        public Device {
            ports = List.copyOf(ports);
            addresses = List.copyOf(addresses);
            options = List.copyOf(options);
        }
    }

    /** Kinds of device, in rc.inet1's order. */
    public enum Kind {
        INTERFACE,
        BOND,
        VLAN,
        BRIDGE
    }

    /** Entries of rc.inet1.conf with an index of this or more are ignored by rc.inet1; its own default is 6. */
    public int maxNics() {
        return devices.size();
    }

    /** The devices of one node, every one that a network needs. */
    public static NetworkPlan of(Cluster cluster, Node node) {
        var draft = new Draft(cluster, node);
        Ipv4Address gateway = cluster.identity().gateway();
        boolean reaches = gateway != null
                && cluster.networks().stream().anyMatch(network -> {
                    Ipv4Network subnet = network.subnet();
                    return subnet != null && subnet.contains(gateway) && node.findAddress(network.name()) != null;
                });
        return new NetworkPlan(draft.devices(), reaches ? gateway : null);
    }

    private static final class Draft {
        private final Cluster cluster;
        private final Node node;
        private final List<Device> out = new ArrayList<>();

        Draft(Cluster cluster, Node node) {
            this.cluster = cluster;
            this.node = node;
        }

        List<Device> devices() {
            interfaces();
            bonds();
            vlans();
            bridges();
            return out;
        }

        /** Interfaces and bonds by name, each with the largest MTU that anything on it needs. */
        private Map<String, Integer> carriers() {
            var mtus = new LinkedHashMap<String, Integer>();
            for (Network network : cluster.networks()) {
                for (String carrier : network.interfaces()) {
                    mtus.merge(carrier, network.mtu(), Math::max);
                }
            }
            return mtus;
        }

        private List<String> addresses(Network network) {
            Ipv4Address address = node.findAddress(network.name());
            Ipv4Network subnet = network.subnet();
            return address == null || subnet == null ? List.of() : List.of(address + "/" + subnet.prefix());
        }

        /**
         * Interfaces that have an address, or an MTU that VLANs and bridges on them inherit. Ports of a bond are left
         * out: the kernel refuses to enslave an interface that is up.
         */
        private void interfaces() {
            Set<String> bonds = new HashSet<>();
            cluster.bonds().forEach(bond -> bonds.add(bond.name()));
            carriers().forEach((name, mtu) -> {
                if (bonds.contains(name)) {
                    return;
                }
                var own = cluster.networks().stream()
                        .filter(network -> network.device().equals(name))
                        .findFirst();
                List<String> addresses = own.map(this::addresses).orElse(List.of());
                // rc.inet1 applies MTU[i] only where an address was configured; IFOPTS always.
                List<String> options =
                        addresses.isEmpty() && mtu != STANDARD_MTU ? List.of("mtu " + mtu) : List.<String>of();
                if (!addresses.isEmpty() || !options.isEmpty()) {
                    add(Kind.INTERFACE, name, List.of(), addresses, options, mtu, "", purpose(name));
                }
            });
        }

        private void bonds() {
            Map<String, Integer> mtus = carriers();
            for (Bond bond : cluster.bonds()) {
                if (!mtus.containsKey(bond.name())) {
                    continue;
                }
                var options = new ArrayList<String>();
                options.add("miimon " + bond.miimon());
                if (bond.mode().equals("802.3ad")) {
                    options.add("lacp_rate " + bond.lacpRate());
                }
                if (Set.of("802.3ad", "balance-xor", "balance-tlb").contains(bond.mode())) {
                    options.add("xmit_hash_policy " + bond.hash());
                }
                var own = cluster.networks().stream()
                        .filter(network -> network.device().equals(bond.name()))
                        .findFirst();
                add(
                        Kind.BOND,
                        bond.name(),
                        bond.interfaces(),
                        own.map(this::addresses).orElse(List.of()),
                        options,
                        mtus.getOrDefault(bond.name(), STANDARD_MTU),
                        bond.mode(),
                        purpose(bond.name()));
            }
        }

        private void vlans() {
            for (Network network : cluster.networks()) {
                if (network.vlan() == 0) {
                    continue;
                }
                for (String carrier : network.interfaces()) {
                    boolean addressed = network.bridge().isEmpty();
                    add(
                            Kind.VLAN,
                            carrier + "." + network.vlan(),
                            List.of(carrier),
                            addressed ? addresses(network) : List.of(),
                            List.of(),
                            network.mtu(),
                            "",
                            network.name());
                }
            }
        }

        private void bridges() {
            for (Network network : cluster.networks()) {
                if (network.bridge().isEmpty()) {
                    continue;
                }
                var ports = new LinkedHashSet<String>();
                for (String carrier : network.interfaces()) {
                    ports.add(network.vlan() == 0 ? carrier : carrier + "." + network.vlan());
                }
                // Without a spanning tree there is nothing to listen for: forward at once, not after 30 s.
                List<String> options =
                        network.stp() ? List.of("stp_state 1") : List.of("stp_state 0", "forward_delay 0");
                add(
                        Kind.BRIDGE,
                        network.bridge(),
                        List.copyOf(ports),
                        addresses(network),
                        options,
                        network.mtu(),
                        "",
                        network.name());
            }
        }

        private String purpose(String carrier) {
            return String.join(
                    ", ",
                    cluster.networks().stream()
                            .filter(network -> network.interfaces().contains(carrier))
                            .map(Network::name)
                            .toList());
        }

        private void add(
                Kind kind,
                String name,
                List<String> ports,
                List<String> addresses,
                List<String> options,
                int mtu,
                String bondMode,
                String purpose) {
            out.add(new Device(out.size(), kind, name, ports, addresses, options, mtu, bondMode, purpose));
        }
    }
}
