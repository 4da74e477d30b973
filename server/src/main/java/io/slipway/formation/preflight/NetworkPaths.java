package io.slipway.formation.preflight;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.NodeScript.Answers;
import io.slipway.formation.Nodes;
import io.slipway.formation.SideBySide;
import io.slipway.formation.Step;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Network;
import io.slipway.inventory.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether every node reaches every other on one network with packets of its full MTU.
 *
 * <p>Where nodes have addresses by the plan, those are used; on a network without, the ones that the kernel gives each
 * device that is up (IPv6, link-local), so nothing is changed. Only where IPv6 is switched off are temporary addresses
 * given: from the part of 169.254.0.0/16 that no machine chooses for itself (RFC 3927, section 2.1), and for a minute,
 * after which the kernel removes them whatever became of us.
 */
final class NetworkPaths implements Step.Work {
    /** Bytes of an IPv4 header without options and an ICMP header. */
    private static final int HEADERS = 28;
    /** Bytes of an IPv6 header and an ICMPv6 header. */
    private static final int HEADERS_6 = 48;

    private static final Ipv4Address TEMPORARY = Ipv4Address.parse("169.254.255.0");
    private static final int TEMPORARY_ADDRESSES = 256;
    private static final String SECONDS = "60";
    private static final String SWITCH = "ovs-system";

    /**
     * Each argument is one target: name, device, bytes of headers, MTU, address. All are tried at the same time. One that
     * the whole MTU does not reach is tried with little, and then with halves of what is between.
     */
    private static final String PING = """
            passes() {
              ping -n -q -c 1 -w "$1" -M do -s $(( $2 - $headers )) -I "$device" "$address" >/dev/null 2>&1
            }
            target() {
              name=$1 device=$2 headers=$3 mtu=$4 address=$5
              if passes 5 "$mtu"; then
                echo "whole=$name"
                return
              fi
              low=$(( headers + 56 )) high=$mtu
              if ! passes 3 "$low"; then
                state=
                for word in $(ip neigh show to "$address" dev "$device" 2>/dev/null); do state=$word; done
                echo "none=$name $state"
                return
              fi
              while [ $(( high - low )) -gt 1 ]; do
                middle=$(( (low + high) / 2 ))
                if passes 1 "$middle"; then low=$middle; else high=$middle; fi
              done
              echo "part=$name $low"
            }
            for port in "$1/$2/brif"/*; do
              [ ! -r "$port/state" ] || echo "state=$(cat "$port/state")"
            done
            shift 2
            for each; do
              target $each &
            done
            wait
            """;

    private static final String ADD = "ip address replace \"$2\" dev \"$1\" valid_lft \"$3\" preferred_lft \"$3\"";
    private static final String REMOVE = "ip address delete \"$2\" dev \"$1\" 2>/dev/null; true";

    private final Cluster cluster;
    private final Network network;
    private final Nodes nodes;
    private final Survey survey;
    /** What was found with temporary addresses in this run; looking again would give them again. */
    private volatile @Nullable Finding tried;

    NetworkPaths(Cluster cluster, Network network, Nodes nodes, Survey survey) {
        this.cluster = cluster;
        this.network = network;
        this.nodes = nodes;
        this.survey = survey;
    }

    /**
     * What one node could reach.
     *
     * @param bytes of the largest packet that passed, by the name of the other node; 0 for none
     * @param silent what the kernel knows of those that did not answer, such as {@code FAILED} where nobody said whose
     *     address it is
     * @param settling whether a bridge's spanning tree is still being made
     */
    record Reached(Map<String, Integer> bytes, Map<String, String> silent, boolean settling) {
        Reached {
            bytes = Map.copyOf(bytes);
            silent = Map.copyOf(silent);
        }
    }

    @Override
    public Finding probe() throws InterruptedException {
        Finding before = tried;
        if (before != null) {
            return before;
        }
        Map<String, NodeFacts> facts = survey.all();
        Finding devices = devices(cluster, network, facts);
        if (devices != null) {
            return devices;
        }
        Map<String, String> addresses = addresses(facts);
        if (addresses.size() < 2) {
            return Finding.done("fewer than two nodes are on it");
        }
        for (Map.Entry<String, String> each : addresses.entrySet()) {
            if (each.getValue().isEmpty()) {
                return Finding.toDo(network.device() + " of " + each.getKey()
                        + " has no address of any kind: a temporary one is needed to look");
            }
            if (network.subnet() == null && link(facts, each.getKey()).tentative()) {
                return Finding.unknown(network.device() + " of " + each.getKey() + " is still checking its address");
            }
        }
        return judge(network, ask(addresses, network.subnet() == null ? HEADERS_6 : HEADERS));
    }

    @Override
    public void act() throws InterruptedException {
        var temporary = new LinkedHashMap<String, String>();
        Integer block = block();
        if (block == null) {
            tried = Finding.wrong(
                    "to look at network " + network.name() + " with temporary addresses",
                    "too many nodes and networks for those that there are",
                    "Give the network a subnet, or switch IPv6 on for " + network.device()
                            + " on every node: it has addresses of its own then.");
            return;
        }
        for (int i = 0; i < cluster.nodes().size(); i++) {
            temporary.put(
                    cluster.nodes().get(i).name(), TEMPORARY.plus(block + 1 + i).toString());
        }
        int prefix = 32 - Integer.numberOfTrailingZeros(blockSize());
        try {
            SideBySide.ask(
                    temporary.keySet(),
                    node -> script(node)
                            .ask(
                                    "No temporary address can be given on " + node,
                                    ADD,
                                    network.device(),
                                    temporary.get(node) + "/" + prefix,
                                    SECONDS));
            tried = judge(network, ask(temporary, HEADERS));
        } finally {
            SideBySide.ask(
                    temporary.keySet(),
                    node -> script(node)
                            .ask(
                                    "The temporary address cannot be removed from " + node,
                                    REMOVE,
                                    network.device(),
                                    temporary.get(node) + "/" + prefix));
        }
    }

    private int blockSize() {
        return Integer.highestOneBit(cluster.nodes().size() + 1) * 2;
    }

    /** Where the network's temporary addresses begin: each network has its own, so that answers come back on it. */
    private @Nullable Integer block() {
        List<Network> without = cluster.networks().stream()
                .filter(each -> each.subnet() == null)
                .toList();
        int at = without.indexOf(network) * blockSize();
        return at + blockSize() <= TEMPORARY_ADDRESSES ? at : null;
    }

    private NodeScript script(String node) {
        return new NodeScript(node, nodes);
    }

    private static NodeFacts.Link link(Map<String, NodeFacts> facts, String node, String device) {
        NodeFacts known = facts.get(node);
        NodeFacts.Link link = known == null ? null : known.links().get(device);
        if (link == null) {
            throw new IllegalArgumentException(node + " has no " + device);
        }
        return link;
    }

    private NodeFacts.Link link(Map<String, NodeFacts> facts, String node) {
        return link(facts, node, network.device());
    }

    /** What each node is called on the network; nothing where its device has no address at all. */
    private Map<String, String> addresses(Map<String, NodeFacts> facts) {
        var out = new LinkedHashMap<String, String>();
        for (Node node : cluster.nodes()) {
            Ipv4Address address = node.findAddress(network.name());
            if (network.subnet() == null) {
                out.put(node.name(), link(facts, node.name()).linkLocal());
            } else if (address != null) {
                out.put(node.name(), address.toString());
            }
        }
        return out;
    }

    private Map<String, Reached> ask(Map<String, String> addresses, int headers) throws InterruptedException {
        return SideBySide.ask(addresses.keySet(), node -> new Asking(node, network, addresses, headers).of(nodes));
    }

    /**
     * What one node is asked.
     *
     * @param addresses of all by name; its own is left out
     * @param headers bytes that a packet has beside its data
     */
    record Asking(String node, Network network, Map<String, String> addresses, int headers) {
        Reached of(Nodes nodes) throws InterruptedException {
            var arguments = new ArrayList<String>(List.of("/sys/class/net", network.device()));
            addresses.forEach((name, address) -> {
                if (!name.equals(node)) {
                    arguments.add(String.join(" ", name, network.device(), "" + headers, "" + network.mtu(), address));
                }
            });
            return reached(new NodeScript(node, nodes)
                    .ask("It cannot be seen what " + node + " reaches", PING, arguments.toArray(String[]::new)));
        }
    }

    static Reached reached(Answers said) {
        var bytes = new LinkedHashMap<String, Integer>();
        var silent = new LinkedHashMap<String, String>();
        said.all("whole").forEach(name -> bytes.put(name, Integer.MAX_VALUE));
        for (String line : said.all("part")) {
            String[] fields = line.split(" ");
            bytes.put(fields[0], Integer.parseInt(fields[1]));
        }
        for (String line : said.all("none")) {
            String[] fields = line.split(" ");
            bytes.put(fields[0], 0);
            silent.put(fields[0], fields.length > 1 ? fields[1] : "");
        }
        // Listening and learning: <linux/if_bridge.h>, BR_STATE_LISTENING, BR_STATE_LEARNING.
        boolean settling = said.all("state").stream().anyMatch(each -> each.equals("1") || each.equals("2"));
        return new Reached(bytes, silent, settling);
    }

    /** What stands in the way before a packet is sent; null if nothing. */
    static @Nullable Finding devices(Cluster cluster, Network network, Map<String, NodeFacts> facts) {
        String device = network.device();
        var absent = new ArrayList<String>();
        var switched = new ArrayList<String>();
        var wrong = new ArrayList<String>();
        for (Node node : cluster.nodes()) {
            NodeFacts known = facts.get(node.name());
            NodeFacts.Link link = known == null ? null : known.links().get(device);
            Ipv4Address address = node.findAddress(network.name());
            if (link == null) {
                absent.add(node.name());
            } else if (link.master().equals(SWITCH)) {
                switched.add(node.name());
            } else if (!link.up()) {
                wrong.add("it switched off on " + node.name());
            } else if (link.mtu() != network.mtu()) {
                wrong.add("MTU " + link.mtu() + " on " + node.name());
            } else if (address != null && !link.addresses().contains(address.toString())) {
                wrong.add("no " + address + " on " + node.name());
            }
        }
        if (!absent.isEmpty()) {
            return Finding.wrong(
                    "the device " + device + " of network " + network.name() + " on every node",
                    "none on " + String.join(", ", absent),
                    "See there with ip link which interfaces it has, and compare them with cluster.yaml; then run"
                            + " /etc/rc.d/rc.inet1 restart.");
        }
        if (!switched.isEmpty()) {
            return Finding.done(
                    "not checked: Open vSwitch has " + device + " on " + String.join(", ", switched) + " already");
        }
        return wrong.isEmpty()
                ? null
                : Finding.wrong(
                        device + " of network " + network.name() + " as planned on every node (MTU " + network.mtu()
                                + ")",
                        String.join(", ", wrong),
                        "Set it as planned: /etc/rc.d/rc.inet1 restart, or ip link set dev " + device + " up mtu "
                                + network.mtu() + " (its ports too). It changed after the installation.");
    }

    /**
     * @param reached by the node that sent
     */
    static Finding judge(Network network, Map<String, Reached> reached) {
        String expected = "every node to reach every other on network " + network.name() + " with packets of "
                + network.mtu() + " bytes";
        var none = new ArrayList<String>();
        var part = new ArrayList<String>();
        var passing = new TreeSet<Integer>();
        reached.forEach((from, seen) -> seen.bytes().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(each -> {
                    String pair = from + " to " + each.getKey();
                    if (each.getValue() == 0) {
                        String state = seen.silent().getOrDefault(each.getKey(), "");
                        none.add(pair
                                + (state.equals("FAILED") || state.equals("INCOMPLETE")
                                        ? " (nobody says whose" + " address it is)"
                                        : ""));
                    } else if (each.getValue() < network.mtu()) {
                        part.add(pair + " " + each.getValue() + " bytes");
                        passing.add(each.getValue());
                    }
                }));
        if (none.isEmpty() && part.isEmpty()) {
            return Finding.done(network.mtu() + " bytes pass between "
                    + reached.keySet().stream().collect(Collectors.joining(", ")));
        }
        if (!none.isEmpty() && reached.values().stream().anyMatch(Reached::settling)) {
            return Finding.unknown("the spanning tree of " + network.device() + " is still being made");
        }
        if (none.isEmpty()) {
            return Finding.wrong(
                    expected,
                    "that less passes: " + String.join(", ", part),
                    "Raise the MTU of what is between them: switch ports, and interfaces below " + network.device()
                            + ". Or set networks." + network.name() + ".mtu to " + passing.first()
                            + " in cluster.yaml and build and install anew.");
        }
        String also = part.isEmpty() ? "" : "; and less passes " + String.join(", ", part);
        return Finding.wrong(
                expected,
                "no answer from " + String.join(", ", none) + also,
                "Look at cables, switch ports and VLAN" + (network.vlan() == 0 ? "s" : " " + network.vlan())
                        + " of network " + network.name() + " (device " + network.device()
                        + "), and at packet filters on"
                        + " the nodes.");
    }
}
