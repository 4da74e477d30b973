package io.slipway.lab;

import io.slipway.inventory.Bond;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.DataSize;
import io.slipway.inventory.Disks;
import io.slipway.inventory.Network;
import io.slipway.inventory.Node;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What must be wired up for a cluster: which cards share a bridge, which disks each machine has. Derived from
 * {@code cluster.yaml} alone, so two runs give the same machines.
 *
 * <p>Cards of the same name are on one switch, as in a rack. A network on several plain interfaces has no switch: its
 * nodes stand in a ring, each linked to the next by the first interface and to the one before by the second. VLAN tags
 * pass every bridge untouched. A bond of mode 802.3ad gets a bond as its partner, since a bridge does not answer LACP;
 * other modes need none.
 *
 * @param segments the bridges; the first is the boot network
 * @param machines in the order of the file
 */
public record Topology(List<Segment> segments, List<Machine> machines) {
    private static final long GIB = 1L << 30;
    private static final long SPARE = 2 * GIB;
    /** Bytes that a tap needs beyond the MTU for one VLAN tag. */
    private static final int TAG = 4;

    public Topology {
        segments = List.copyOf(segments);
        machines = List.copyOf(machines);
    }

    /** The bridge that firmware boots from. */
    public Segment boot() {
        return segments.get(0);
    }

    /**
     * @throws io.slipway.problem.ProblemException if there is no such machine
     */
    public Machine machine(String name) {
        return machines.stream()
                .filter(machine -> machine.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.of(
                                ProblemKind.NOT_FOUND,
                                "The lab has no machine \"" + name + "\".",
                                "Name one of: "
                                        + String.join(
                                                ", ",
                                                machines.stream()
                                                        .map(Machine::name)
                                                        .toList()))
                        .asException());
    }

    /**
     * @param count how many of the cluster's nodes get a machine, from the first; at least 1
     * @throws io.slipway.problem.ProblemException for a disk that cannot be imitated
     */
    public static Topology of(Cluster cluster, int count) {
        var nodes = cluster.nodes().subList(0, Math.min(count, cluster.nodes().size()));
        var machines = new ArrayList<Machine>();
        for (int i = 0; i < nodes.size(); i++) {
            machines.add(machine(nodes.get(i), i));
        }
        return new Topology(segments(cluster, nodes, machines), machines);
    }

    private static List<Segment> segments(Cluster cluster, List<Node> nodes, List<Machine> machines) {
        var segments = new ArrayList<Segment>();
        var wired = new java.util.HashSet<String>();
        var bootTaps = new ArrayList<String>();
        for (Machine machine : machines) {
            for (Machine.Card card : machine.cards()) {
                if (card.boot()) {
                    bootTaps.add(card.tap());
                    wired.add(card.tap());
                }
            }
        }
        String bootName = nodes.get(0).bootInterface().name();
        for (Machine machine : machines) {
            for (Machine.Card card : machine.cards()) {
                if (card.name().equals(bootName) && wired.add(card.tap())) {
                    bootTaps.add(card.tap());
                }
            }
        }
        segments.add(new Segment("sw0", mtu(cluster, bootName), bootTaps, List.of()));
        for (Network network : cluster.networks()) {
            if (isRing(cluster, network)) {
                ring(network, machines, segments, wired);
            }
        }
        for (Bond bond : cluster.bonds()) {
            bond(bond, mtu(cluster, bond.name()), machines, segments, wired);
        }
        Map<String, List<String>> byName = new LinkedHashMap<>();
        for (Machine machine : machines) {
            for (Machine.Card card : machine.cards()) {
                if (wired.add(card.tap())) {
                    byName.computeIfAbsent(card.name(), name -> new ArrayList<>())
                            .add(card.tap());
                }
            }
        }
        byName.forEach(
                (name, taps) -> segments.add(new Segment("sw" + segments.size(), mtu(cluster, name), taps, List.of())));
        return segments;
    }

    private static boolean isRing(Cluster cluster, Network network) {
        return network.interfaces().size() == 2
                && network.vlan() == 0
                && network.interfaces().stream()
                        .noneMatch(name -> cluster.bonds().stream()
                                .anyMatch(bond -> bond.name().equals(name)));
    }

    private static void ring(
            Network network, List<Machine> machines, List<Segment> segments, java.util.Set<String> wired) {
        int count = machines.size();
        for (int i = 0; i < count; i++) {
            var taps = new ArrayList<String>();
            tap(machines.get(i), network.interfaces().get(0), wired, taps);
            tap(machines.get((i + 1) % count), network.interfaces().get(1), wired, taps);
            segments.add(new Segment("sw" + segments.size(), network.mtu() + TAG, taps, List.of()));
        }
    }

    private static void bond(
            Bond bond, int mtu, List<Machine> machines, List<Segment> segments, java.util.Set<String> wired) {
        var plain = new ArrayList<String>();
        var trunks = new ArrayList<Segment.Trunk>();
        for (int i = 0; i < machines.size(); i++) {
            var taps = new ArrayList<String>();
            for (String port : bond.interfaces()) {
                tap(machines.get(i), port, wired, taps);
            }
            if (bond.mode().equals("802.3ad")
                    && taps.size() == bond.interfaces().size()) {
                trunks.add(new Segment.Trunk("lag" + i + "-" + segments.size(), taps));
            } else {
                plain.addAll(taps);
            }
        }
        segments.add(new Segment("sw" + segments.size(), mtu, plain, trunks));
    }

    private static void tap(Machine machine, String name, java.util.Set<String> wired, List<String> taps) {
        machine.cards().stream()
                .filter(card -> card.name().equals(name) && wired.add(card.tap()))
                .forEach(card -> taps.add(card.tap()));
    }

    private static int mtu(Cluster cluster, String device) {
        return TAG
                + cluster.networks().stream()
                        .filter(network -> network.interfaces().contains(device))
                        .mapToInt(Network::mtu)
                        .max()
                        .orElse(1500);
    }

    private static Machine machine(Node node, int index) {
        var cards = new ArrayList<Machine.Card>();
        for (int i = 0; i < node.interfaces().size(); i++) {
            var card = node.interfaces().get(i);
            cards.add(new Machine.Card(card.name(), card.mac(), "tap" + index + "-" + i, card.boot()));
        }
        String uuid = node.uuid().isEmpty()
                ? UUID.nameUUIDFromBytes(("slipway-lab-" + node.name()).getBytes(StandardCharsets.UTF_8))
                        .toString()
                : node.uuid();
        return new Machine(node.name(), uuid, node.serial(), cards, disks(node));
    }

    private static List<Machine.Disk> disks(Node node) {
        var layout = node.disks().layout();
        long root = layout.rootSize() == null ? 5 * GIB : layout.rootSize().bytes();
        long swap = layout.swapSize() == null ? 0 : layout.swapSize().bytes();
        var disks = new ArrayList<Machine.Disk>();
        disks.add(disk(
                node,
                node.disks().system(),
                "system",
                root + swap + layout.espSize().bytes() + SPARE));
        Disks.Selector pool = node.disks().pool();
        if (pool != null) {
            disks.add(disk(node, pool, "pool", 4 * GIB));
        }
        return disks;
    }

    private static Machine.Disk disk(Node node, Disks.Selector selector, String purpose, long needed) {
        Machine.Transport transport = switch (selector.transport()) {
            case "nvme" -> Machine.Transport.NVME;
            case "sata" -> Machine.Transport.SATA;
            case "", "virtio" -> Machine.Transport.VIRTIO;
            default -> throw cannot(node, purpose, "transport " + selector.transport());
        };
        String model = selector.model().replaceAll("[*?]", "");
        if (!model.isEmpty() && transport != Machine.Transport.SATA) {
            throw cannot(
                    node,
                    purpose,
                    "model " + selector.model() + " on " + transport.name().toLowerCase(Locale.ROOT));
        }
        if (!selector.path().isEmpty()) {
            throw cannot(node, purpose, "path " + selector.path());
        }
        String serial = selector.serial().isEmpty() ? "lab-" + node.name() + "-" + purpose : selector.serial();
        long bytes = Math.max(needed, bytes(selector.minSize()));
        DataSize largest = selector.maxSize();
        if (largest != null) {
            bytes = Math.min(bytes, largest.bytes());
        }
        // At most 20 characters reach a virtio disk's serial number.
        return new Machine.Disk(transport, serial.length() > 20 ? serial.substring(0, 20) : serial, model, bytes);
    }

    private static long bytes(@Nullable DataSize size) {
        return size == null ? 0 : size.bytes();
    }

    private static io.slipway.problem.ProblemException cannot(Node node, String purpose, String what) {
        return Problem.of(
                        ProblemKind.INVALID_INPUT,
                        "The lab cannot imitate the " + purpose + " disk of " + node.name() + ": " + what + ".",
                        "For a trial choose the disk by transport (virtio, nvme, sata), serial or size.")
                .asException();
    }
}
