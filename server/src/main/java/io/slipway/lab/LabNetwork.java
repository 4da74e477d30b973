package io.slipway.lab;

import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.Ipv4Range;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lab's wires: a namespace with the appliance and the machines' taps, and one with the server that gives addresses
 * on the boot network. Both servers want port 67, so neither may be in the other's namespace.
 */
final class LabNetwork {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final CommandRunner runner;
    private final Places places;

    LabNetwork(CommandRunner runner, Places places) {
        this.runner = runner;
        this.places = places;
    }

    /**
     * Makes bridges and taps, and gives the appliance its address on the boot network.
     *
     * @param appliance the appliance's address
     * @param lan the address of the network's own server there, often its gateway
     */
    void create(Topology topology, Ipv4Network subnet, Ipv4Address appliance, Ipv4Address lan)
            throws InterruptedException {
        String inside = places.namespace();
        String outside = places.lanNamespace();
        ip("netns", "add", inside);
        ip("netns", "add", outside);
        ip("-n", inside, "link", "set", "lo", "up");
        ip("-n", outside, "link", "set", "lo", "up");
        for (Segment segment : topology.segments()) {
            bridge(inside, segment);
        }
        String boot = topology.boot().bridge();
        ip("-n", inside, "addr", "add", appliance + "/" + subnet.prefix(), "brd", "+", "dev", boot);
        ip("-n", inside, "link", "add", "lan", "type", "veth", "peer", "name", "lan0", "netns", outside);
        ip("-n", inside, "link", "set", "lan", "master", boot, "up");
        ip("-n", outside, "addr", "add", lan + "/" + subnet.prefix(), "brd", "+", "dev", "lan0");
        ip("-n", outside, "link", "set", "lan0", "up");
    }

    private void bridge(String namespace, Segment segment) throws InterruptedException {
        // Without a delay: a machine that asks for an address at once would not be heard for half a minute.
        ip(
                "-n",
                namespace,
                "link",
                "add",
                segment.bridge(),
                "type",
                "bridge",
                "forward_delay",
                "0",
                "stp_state",
                "0",
                "mcast_snooping",
                "0");
        String mtu = Integer.toString(Math.max(1500, segment.mtu()));
        for (String tap : segment.taps()) {
            tap(namespace, tap, mtu);
            ip("-n", namespace, "link", "set", tap, "master", segment.bridge(), "up");
        }
        for (Segment.Trunk trunk : segment.trunks()) {
            trunk(namespace, segment, trunk, mtu);
        }
        ip("-n", namespace, "link", "set", segment.bridge(), "mtu", mtu, "up");
    }

    /**
     * Without the bonding driver on this computer the ports go to the bridge like others: a node's bond finds no partner
     * then and uses one port, over which everything passes all the same.
     */
    private void trunk(String namespace, Segment segment, Segment.Trunk trunk, String mtu) throws InterruptedException {
        boolean answered = canBond(namespace, trunk.device());
        for (String tap : trunk.taps()) {
            tap(namespace, tap, mtu);
            if (answered) {
                run("ip", "netns", "exec", namespace, "ethtool", "-s", tap, "speed", "10000", "duplex", "full");
                ip("-n", namespace, "link", "set", tap, "master", trunk.device());
            } else {
                ip("-n", namespace, "link", "set", tap, "master", segment.bridge(), "up");
            }
        }
        if (answered) {
            ip("-n", namespace, "link", "set", trunk.device(), "mtu", mtu);
            ip("-n", namespace, "link", "set", trunk.device(), "master", segment.bridge(), "up");
        }
    }

    private boolean canBond(String namespace, String device) throws InterruptedException {
        return runner.run(Command.of(
                        SOON,
                        "ip",
                        "-n",
                        namespace,
                        "link",
                        "add",
                        device,
                        "type",
                        "bond",
                        "mode",
                        "802.3ad",
                        "miimon",
                        "100",
                        "lacp_rate",
                        "fast",
                        "xmit_hash_policy",
                        "layer3+4"))
                .succeeded();
    }

    /** Whether a bond by LACP has a partner on this computer. */
    boolean answersLacp(Topology topology) throws InterruptedException {
        for (Segment segment : topology.segments()) {
            for (Segment.Trunk trunk : segment.trunks()) {
                return runner.run(Command.of(SOON, "ip", "-n", places.namespace(), "link", "show", trunk.device()))
                        .succeeded();
            }
        }
        return true;
    }

    private void tap(String namespace, String name, String mtu) throws InterruptedException {
        ip("-n", namespace, "tuntap", "add", "dev", name, "mode", "tap");
        ip("-n", namespace, "link", "set", name, "mtu", mtu);
    }

    /**
     * Starts dnsmasq as the network's server.
     *
     * @param range what it gives to machines, or null where the appliance gives addresses
     */
    void serveAddresses(Ipv4Network subnet, Ipv4Address lan, @Nullable Ipv4Range range) throws InterruptedException {
        var arguments = new ArrayList<String>(List.of(
                "ip",
                "netns",
                "exec",
                places.lanNamespace(),
                "dnsmasq",
                "--conf-file=/dev/null",
                "--user=root",
                "--interface=lan0",
                "--bind-interfaces",
                "--no-hosts",
                "--no-resolv",
                "--log-dhcp",
                "--pid-file=" + places.dnsmasqPid(),
                "--log-facility=" + places.dnsmasqLog()));
        if (range != null) {
            arguments.add("--dhcp-leasefile=" + places.dnsmasqLeases());
            arguments.add("--dhcp-authoritative");
            arguments.add("--dhcp-range=" + range.first() + "," + range.last() + "," + subnet.netmask() + ",1h");
            arguments.add("--dhcp-option=option:router," + lan);
        }
        run(arguments.toArray(String[]::new));
    }

    /** Removes the namespaces and ends all that runs in them. What is not there is no fault. */
    void remove() throws InterruptedException {
        for (String namespace : List.of(places.namespace(), places.lanNamespace())) {
            if (!exists(namespace)) {
                continue;
            }
            Processes.end(pids(namespace));
            ip("netns", "del", namespace);
        }
    }

    /** Whether both namespaces are there and the network's server runs. */
    boolean isUp() {
        return exists(places.namespace())
                && exists(places.lanNamespace())
                && Processes.find(places.dnsmasqPid(), "dnsmasq").isPresent();
    }

    boolean exists(String namespace) {
        return Files.exists(java.nio.file.Path.of("/run/netns", namespace));
    }

    private List<Long> pids(String namespace) throws InterruptedException {
        var result = runner.run(Command.of(SOON, "ip", "netns", "pids", namespace));
        return result.output().lines().map(Long::valueOf).toList();
    }

    private void ip(String... arguments) throws InterruptedException {
        var all = new ArrayList<String>();
        all.add("ip");
        all.addAll(List.of(arguments));
        run(all.toArray(String[]::new));
    }

    private void run(String... arguments) throws InterruptedException {
        runner.run(Command.of(SOON, arguments))
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "The lab's network could not be made",
                        "Run \"slipway lab down\", then try again; the lab needs root and a kernel with bridges and taps.");
    }

    /** Lines of the DHCP server's log, or nothing before it has one. */
    List<String> log() {
        try {
            return Files.exists(places.dnsmasqLog()) ? Files.readAllLines(places.dnsmasqLog()) : List.of();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
