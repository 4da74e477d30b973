package io.slipway.inventory.yaml;

import io.slipway.inventory.Bond;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.Ipv4Range;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.Network;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.inventory.Serve;
import io.slipway.yaml.Findings;
import io.slipway.yaml.YamlBinder;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What no schema can check: how the parts of a cluster fit together. */
final class ClusterRules {
    /** Outer headers of a Geneve packet with OVN's one option: IPv4 20 + UDP 8 + Geneve 16 + inner Ethernet 14. */
    private static final int GENEVE_IPV4 = 58;

    private static final int SMALLEST_INNER_MTU = 1280;

    private static final Ipv4Network LOOPBACK = Ipv4Network.parse("127.0.0.0/8");

    private final Cluster cluster;
    private final Findings findings;

    private ClusterRules(Cluster cluster, Findings findings) {
        this.cluster = cluster;
        this.findings = findings;
    }

    static void check(Cluster cluster, Findings findings) {
        var rules = new ClusterRules(cluster, findings);
        rules.bonds();
        rules.networks();
        rules.traffic();
        rules.identity();
        rules.serve();
        rules.nodes();
        rules.voters();
        rules.ovn();
        rules.linstor();
        rules.uplink();
        rules.incus();
        rules.router();
    }

    private void bonds() {
        var ports = new HashMap<String, String>();
        for (Bond bond : cluster.bonds()) {
            String path = "bonds." + bond.name();
            for (String port : bond.interfaces()) {
                String other = ports.putIfAbsent(port, bond.name());
                if (other != null) {
                    findings.add(
                            path + ".interfaces",
                            "takes " + port + ", which is a port of " + other + " already",
                            "An interface belongs to one bond.");
                }
            }
            if (bond.name().matches("eth\\d+")) {
                findings.add(path, "has the name of a real interface", "Call it bond0.");
            }
        }
        for (Network network : cluster.networks()) {
            for (String carrier : network.interfaces()) {
                if (ports.containsKey(carrier)) {
                    findings.add(
                            "networks." + network.name() + ".interfaces",
                            "names " + carrier + ", which is a port of " + ports.get(carrier),
                            "Name the bond " + ports.get(carrier) + " instead.");
                }
            }
        }
    }

    private void networks() {
        var devices = new HashMap<String, String>();
        var carried = new HashMap<String, String>();
        Set<String> bonds = new HashSet<>();
        cluster.bonds().forEach(bond -> bonds.add(bond.name()));
        for (Network network : cluster.networks()) {
            String path = "networks." + network.name();
            if (network.interfaces().size() > 1 && network.bridge().isEmpty()) {
                findings.add(
                        path + ".interfaces",
                        "names " + network.interfaces().size() + " interfaces but there is no bridge",
                        "Add a bridge, or make a bond of them.");
            }
            if (network.stp() && network.bridge().isEmpty()) {
                findings.add(path + ".stp", "asks for a spanning tree without a bridge", "Add a bridge.");
            }
            if (network.interfaces().size() > 2 && !network.stp()) {
                findings.add(
                        path + ".interfaces",
                        "bridges several links without a spanning tree, which loops where they meet again",
                        "Add stp: true.");
            }
            if (network.bridge().matches("eth\\d+") || bonds.contains(network.bridge())) {
                findings.add(path + ".bridge", "has the name of another device", "Call it " + network.name() + "-br.");
            }
            if (network.bridge().equals("br-int")) {
                findings.add(
                        path + ".bridge", "is br-int, the integration bridge that OVN makes", "Give it another name.");
            }
            unique(devices, network.device(), network.name(), path, "has the same device as network");
            for (String carrier : network.interfaces()) {
                unique(
                        carried,
                        carrier + "." + network.vlan(),
                        network.name(),
                        path,
                        "has the same interface and VLAN as network");
                if ((carrier + "." + network.vlan()).length() > 15) {
                    findings.add(
                            path + ".interfaces",
                            "gives the VLAN device name " + carrier + "." + network.vlan() + ", longer than 15",
                            "Shorten the bond's name.");
                }
            }
            for (Network other : cluster.networks()) {
                Ipv4Network left = network.subnet();
                Ipv4Network right = other.subnet();
                if (left != null
                        && right != null
                        && left.overlaps(right)
                        && network.name().compareTo(other.name()) < 0) {
                    findings.add(
                            path + ".subnet",
                            left + " overlaps " + right + " of network " + other.name(),
                            "Give each network addresses of its own.");
                }
                boolean shares =
                        !network.equals(other) && network.interfaces().stream().anyMatch(other.interfaces()::contains);
                if (shares && network.vlan() != 0 && other.vlan() == 0 && network.mtu() > other.mtu()) {
                    findings.add(
                            path + ".mtu",
                            network.mtu() + " is larger than " + other.mtu() + " of the untagged network "
                                    + other.name() + " on the same interface",
                            "A VLAN's MTU cannot exceed its parent's: raise networks." + other.name() + ".mtu.");
                }
            }
        }
    }

    private void unique(Map<String, String> seen, String value, String owner, String path, String words) {
        String other = seen.putIfAbsent(value, owner);
        if (other != null && !other.equals(owner)) {
            findings.add(path, words + " " + other + " (" + value + ")", "Change one of the two.");
        }
    }

    private void traffic() {
        var traffic = cluster.traffic();
        var named = new TreeMap<>(
                Map.of("cluster", traffic.cluster(), "storage", traffic.storage(), "tunnel", traffic.tunnel()));
        if (traffic.uplink() != null) {
            named.put("uplink", traffic.uplink());
        }
        named.forEach((kind, name) -> {
            String path = "traffic." + kind;
            Network network = cluster.getNetwork(name);
            if (!kind.equals("uplink") && network.subnet() == null) {
                findings.add(path, "names network \"" + name + "\", which has no subnet", "Give it a subnet.");
            } else if (kind.equals("uplink") && network.bridge().isEmpty() && network.subnet() != null) {
                findings.add(
                        path,
                        "names network \"" + name + "\", whose addresses are on a plain interface",
                        "Give it a bridge: OVN takes a plain interface whole, and its addresses with it.");
            }
        });
    }

    private void identity() {
        String admin = cluster.identity().admin().name();
        if (List.of("root", "slipway", "incus").contains(admin)) {
            findings.add("cluster.admin.name", "is " + admin + ", which exists already", "Choose another name.");
        }
        Ipv4Address gateway = cluster.identity().gateway();
        if (gateway == null) {
            return;
        }
        boolean reachable = cluster.networks().stream()
                .map(Network::subnet)
                .anyMatch(subnet -> subnet != null && subnet.isHost(gateway));
        if (!reachable) {
            findings.add(
                    "cluster.gateway",
                    "is " + gateway + ", which is in no network that the nodes are in",
                    "Correct it, or add the network.");
        }
    }

    private void serve() {
        Serve serve = cluster.serve();
        if (!serve.subnet().isHost(serve.address())) {
            findings.add(
                    "serve.address",
                    serve.address() + " is no host address of " + serve.subnet(),
                    "Choose one between the network's own and its broadcast address.");
        }
        Ipv4Range pool = serve.dhcp().pool();
        if (serve.dhcp().mode() != Serve.DhcpMode.SERVER) {
            if (pool != null) {
                findings.add(
                        "serve.dhcp.pool",
                        "is set but the mode is "
                                + YamlBinder.choiceText(serve.dhcp().mode()),
                        "Remove it, or set serve.dhcp.mode: server.");
            }
        } else if (pool == null) {
            findings.add(
                    "serve.dhcp", "is in mode server but has no pool", "Add pool: FIRST-LAST for unknown machines.");
        }
        if (pool != null) {
            inside("serve.dhcp.pool", pool, serve.subnet());
            apart("serve.dhcp.pool", pool, serve.address(), "the appliance's own address");
            Ipv4Address router = serve.dhcp().router();
            if (router != null) {
                apart("serve.dhcp.pool", pool, router, "the router");
            }
            for (Node node : cluster.nodes()) {
                for (Ipv4Address address : node.addresses().values()) {
                    apart("serve.dhcp.pool", pool, address, node.name());
                }
            }
        }
        Ipv4Address router = serve.dhcp().router();
        if (router != null && !serve.subnet().isHost(router)) {
            findings.add(
                    "serve.dhcp.router",
                    router + " is not in the boot network " + serve.subnet(),
                    "Correct one of the two.");
        }
        if (serve.bootPort() == serve.adminPort()) {
            findings.add("serve.adminPort", "is the boot port too", "The two listeners need different ports.");
        }
        // Its bearer token may erase disks, and would cross the network in the clear.
        if (!LOOPBACK.isHost(Ipv4Address.parse(serve.adminAddress()))) {
            findings.add(
                    "serve.adminAddress",
                    serve.adminAddress() + " is not a loopback address, and the admin API has no TLS",
                    "Remove it, and from elsewhere: ssh -L " + serve.adminPort() + ":127.0.0.1:" + serve.adminPort()
                            + " root@" + serve.address() + ".");
        }
        if (serve.dhcp().lease().compareTo(Duration.ofMinutes(2)) < 0) {
            findings.add(
                    "serve.dhcp.lease", "is shorter than two minutes", "An installation outlives it: 1h is usual.");
        }
        for (int i = 0; i < cluster.nodes().size(); i++) {
            for (var entry : cluster.nodes().get(i).addresses().entrySet()) {
                if (entry.getValue().equals(serve.address())) {
                    findings.add(
                            "nodes[" + i + "].addresses." + entry.getKey(),
                            "is the appliance's own address",
                            "Give the node another one.");
                }
            }
        }
    }

    private void inside(String path, Ipv4Range range, Ipv4Network subnet) {
        if (!subnet.isHost(range.first()) || !subnet.isHost(range.last())) {
            findings.add(path, range + " is not inside " + subnet, "Choose host addresses of the subnet.");
        }
    }

    private void apart(String path, Ipv4Range range, Ipv4Address address, String owner) {
        if (range.contains(address)) {
            findings.add(path, range + " contains " + address + ", " + owner, "Choose a range that leaves it out.");
        }
    }

    private void nodes() {
        var names = new HashMap<String, String>();
        var macs = new HashMap<String, String>();
        var addresses = new HashMap<String, String>();
        var uuids = new HashMap<String, String>();
        for (int i = 0; i < cluster.nodes().size(); i++) {
            Node node = cluster.nodes().get(i);
            String path = "nodes[" + i + ']';
            once(names, node.name(), "node " + i, path + ".name");
            if (node.name().equals("localhost")) {
                findings.add(path + ".name", "is localhost", "Choose another: it must resolve to the cluster address.");
            }
            if (!node.uuid().isEmpty()) {
                once(uuids, node.uuid(), node.name(), path + ".uuid");
            }
            for (Node.Interface card : node.interfaces()) {
                String at = path + ".interfaces." + card.name() + ".mac";
                once(macs, card.mac().text(), node.name(), at);
                if (card.mac().isGroup() || card.mac().text().equals("00:00:00:00:00:00")) {
                    findings.add(at, card.mac() + " is a group or empty address", "Read it from the machine's label.");
                }
            }
            for (var entry : new TreeMap<>(node.addresses()).entrySet()) {
                address(node, path + ".addresses." + entry.getKey(), entry.getKey(), entry.getValue());
                once(addresses, entry.getValue().toString(), node.name(), path + ".addresses." + entry.getKey());
            }
            carriers(node, path);
            for (String kind : List.of(
                    cluster.traffic().cluster(),
                    cluster.traffic().storage(),
                    cluster.traffic().tunnel())) {
                if (node.findAddress(kind) == null) {
                    findings.add(
                            path + ".addresses",
                            "has none on network \"" + kind + "\", which carries the cluster's traffic",
                            "Add " + kind + ": and an address of it.");
                    break;
                }
            }
        }
    }

    private void once(Map<String, String> seen, String value, String owner, String path) {
        String other = seen.putIfAbsent(value, owner);
        if (other != null) {
            findings.add(path, value + " is " + other + "'s already", "Each must be unique.");
        }
    }

    private void address(Node node, String path, String network, Ipv4Address address) {
        var found = cluster.networks().stream()
                .filter(candidate -> candidate.name().equals(network))
                .findFirst();
        if (found.isEmpty()) {
            findings.add(
                    path,
                    "is an address of " + node.name() + " on a network that does not exist",
                    "Networks: "
                            + String.join(
                                    ", ",
                                    cluster.networks().stream()
                                            .map(Network::name)
                                            .toList())
                            + ".");
            return;
        }
        Ipv4Network subnet = found.get().subnet();
        if (subnet == null) {
            findings.add(
                    path, "is an address on a network without a subnet", "Give networks." + network + " a subnet.");
        } else if (!subnet.isHost(address)) {
            findings.add(path, address + " is no host address of " + subnet, "Choose one inside the subnet.");
        }
        if (address.equals(cluster.identity().gateway())) {
            findings.add(path, address + " is the gateway", "Give the node another one.");
        }
    }

    /** Every carrier of every network exists on every node, as an interface or a bond of existing ones. */
    private void carriers(Node node, String path) {
        List<String> cards =
                node.interfaces().stream().map(Node.Interface::name).toList();
        var missing = new HashSet<String>();
        for (Network network : cluster.networks()) {
            for (String carrier : network.interfaces()) {
                var bond = cluster.bonds().stream()
                        .filter(candidate -> candidate.name().equals(carrier))
                        .findFirst();
                List<String> needed = bond.map(Bond::interfaces).orElse(List.of(carrier));
                needed.stream().filter(card -> !cards.contains(card)).forEach(missing::add);
            }
        }
        for (String card : missing) {
            findings.add(
                    path + ".interfaces",
                    "lacks " + card + ", which a network or bond uses",
                    "Add " + card + ": {mac: …}.");
        }
    }

    private void voters() {
        List<Node> voters = cluster.listNodes(Role.OVN_CENTRAL);
        int count = voters.size();
        if (count == 0) {
            findings.add("nodes", "has no ovn-central", "Give 1, 3 or 5 nodes the role ovn-central.");
        } else if (count % 2 == 0) {
            findings.add(
                    "nodes",
                    "has " + count + " Raft voters (ovn-central), which tolerate no more failures than " + (count - 1),
                    "Add the role ovn-central to one node more, or take it from "
                            + voters.get(count - 1).name() + ".");
        } else if (count > 5) {
            findings.add("nodes", "has " + count + " Raft voters (ovn-central)", "Use 1, 3 or 5.");
        }
        for (int i = 0; i < cluster.nodes().size(); i++) {
            Node node = cluster.nodes().get(i);
            boolean linstor = node.has(Role.LINSTOR_CONTROLLER) || node.has(Role.LINSTOR_SATELLITE);
            if (linstor && cluster.linstor() == null) {
                findings.add(
                        "nodes[" + i + "].roles",
                        "has a LINSTOR role but there is no linstor: section",
                        "Add linstor: {}.");
            }
        }
    }

    private void ovn() {
        Network tunnel = cluster.findNetwork(cluster.traffic().tunnel());
        if (tunnel != null && tunnel.mtu() - GENEVE_IPV4 < SMALLEST_INNER_MTU) {
            findings.add(
                    "networks." + tunnel.name() + ".mtu",
                    tunnel.mtu() + " leaves " + (tunnel.mtu() - GENEVE_IPV4) + " bytes inside OVN's tunnels",
                    "Tunnels take " + GENEVE_IPV4 + " bytes and instances need " + SMALLEST_INNER_MTU + ": at least "
                            + (SMALLEST_INNER_MTU + GENEVE_IPV4) + ".");
        }
        Duration timer = cluster.ovn().electionTimer();
        if (timer.compareTo(Duration.ofSeconds(1)) < 0 || timer.compareTo(Duration.ofSeconds(60)) > 0) {
            findings.add("ovn.electionTimer", "is " + timer.toMillis() + " ms", "Choose 1s to 60s; 4s is usual.");
        }
    }

    private void linstor() {
        Linstor linstor = cluster.linstor();
        if (linstor == null) {
            return;
        }
        int satellites = cluster.listNodes(Role.LINSTOR_SATELLITE).size();
        if (linstor.replicas() > satellites) {
            findings.add(
                    "linstor.replicas",
                    "asks for " + linstor.replicas() + " copies but " + satellites + " nodes are linstor-satellite",
                    "Lower it to " + satellites + " or add satellites.");
        }
        int controllers = cluster.listNodes(Role.LINSTOR_CONTROLLER).size();
        if (controllers != 1) {
            findings.add(
                    "nodes",
                    "has " + controllers + " nodes with the role linstor-controller",
                    "Give it to exactly one.");
        }
        if (linstor.provider() != Linstor.Provider.FILE_THIN) {
            for (int i = 0; i < cluster.nodes().size(); i++) {
                Node node = cluster.nodes().get(i);
                if (node.has(Role.LINSTOR_SATELLITE)
                        && !node.disks().layout().poolPartition()
                        && node.disks().pool() == null) {
                    findings.add(
                            "nodes[" + i + ']',
                            "leaves nothing for the storage pool",
                            "Set disks.layout.poolPartition: true, or add disks.pool.");
                }
            }
        }
    }

    private void uplink() {
        Incus.Uplink uplink = cluster.incus().uplink();
        if (uplink == null) {
            return;
        }
        if (cluster.traffic().uplink() == null) {
            findings.add("incus.uplink", "has no network to leave by", "Add traffic.uplink with the network's name.");
        }
        if (!uplink.subnet().isHost(uplink.gateway())) {
            findings.add(
                    "incus.uplink.gateway",
                    uplink.gateway() + " is no host address of " + uplink.subnet(),
                    "Correct one of the two.");
        }
        long taken = 0;
        for (int i = 0; i < uplink.ranges().size(); i++) {
            Ipv4Range range = uplink.ranges().get(i);
            String path = "incus.uplink.ranges[" + i + ']';
            taken += range.size();
            inside(path, range, uplink.subnet());
            apart(path, range, uplink.gateway(), "the gateway");
            apart(path, range, cluster.serve().address(), "the appliance's address");
            cluster.nodes()
                    .forEach(node -> node.addresses()
                            .values()
                            .forEach(address -> apart(path, range, address, node.name() + "'s address")));
            for (int j = 0; j < i; j++) {
                if (range.overlaps(uplink.ranges().get(j))) {
                    findings.add(path, range + " overlaps " + uplink.ranges().get(j), "Join the two.");
                }
            }
            Ipv4Range pool = cluster.serve().dhcp().pool();
            if (pool != null && range.overlaps(pool)) {
                findings.add(path, range + " overlaps the DHCP pool " + pool, "Keep the two apart.");
            }
            Ipv4Range ingress = uplink.ingress();
            if (ingress != null && range.overlaps(ingress)) {
                findings.add("incus.uplink.ingress", ingress + " overlaps the range " + range, "Keep the two apart.");
            }
        }
        if (taken >= uplink.subnet().hosts() - 1) {
            findings.add(
                    "incus.uplink.ranges",
                    "fill the whole subnet " + uplink.subnet(),
                    "Leave addresses for the gateway, the nodes and network forwards.");
        }
        Ipv4Range ingress = uplink.ingress();
        if (ingress != null) {
            inside("incus.uplink.ingress", ingress, uplink.subnet());
            apart("incus.uplink.ingress", ingress, uplink.gateway(), "the gateway");
            apart("incus.uplink.ingress", ingress, cluster.serve().address(), "the appliance's address");
            cluster.nodes()
                    .forEach(node -> node.addresses()
                            .values()
                            .forEach(address ->
                                    apart("incus.uplink.ingress", ingress, address, node.name() + "'s address")));
        }
        Incus.OvnNetwork network = cluster.incus().network();
        if (network != null) {
            for (Network other : cluster.networks()) {
                Ipv4Network subnet = other.subnet();
                if (subnet != null && subnet.overlaps(network.subnet())) {
                    findings.add(
                            "incus.network",
                            network.subnet() + " overlaps " + subnet + " of network " + other.name(),
                            "Choose another subnet for instances.");
                }
            }
        }
    }

    private void incus() {
        Incus.LocalPool pool = cluster.incus().localPool();
        Linstor linstor = cluster.linstor();
        boolean onPartition = pool.driver() != Incus.Driver.DIR;
        if (onPartition && linstor != null && linstor.provider() != Linstor.Provider.FILE_THIN) {
            findings.add(
                    "incus.localPool.driver",
                    "wants the partition that LINSTOR's storage pool is made on",
                    "Take dir: instances' disks are on LINSTOR's pool by default.");
        }
        for (int i = 0; i < cluster.nodes().size(); i++) {
            Node node = cluster.nodes().get(i);
            if (!node.has(Role.INCUS_MEMBER)) {
                continue;
            }
            if (onPartition
                    && linstor == null
                    && !node.disks().layout().poolPartition()
                    && node.disks().pool() == null) {
                findings.add(
                        "nodes[" + i + ']',
                        "leaves nothing for Incus's local pool",
                        "Set disks.layout.poolPartition: true, or add disks.pool; or take incus.localPool.driver: dir.");
            }
            if (cluster.incus().network() != null && !node.has(Role.OVN_HOST)) {
                findings.add(
                        "nodes[" + i + "].roles",
                        "has incus-member without ovn-host, so instances there would have no network",
                        "Add ovn-host.");
            }
        }
    }

    private void router() {
        if (cluster.router() == null) {
            return;
        }
        if (cluster.deployHost() == null) {
            findings.add("router", "moves from a deploy host, but there is none", "Add deployHost.");
        }
        String target = cluster.router().target();
        if (cluster.nodes().stream().noneMatch(node -> node.name().equals(target))) {
            findings.add("router.target", "names \"" + target + "\", which is no node", "Name one of the nodes.");
        }
    }
}
