package io.slipway.inventory.yaml;

import io.slipway.inventory.Bond;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.DataSize;
import io.slipway.inventory.DeployHost;
import io.slipway.inventory.Disks;
import io.slipway.inventory.Identity;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.MacAddress;
import io.slipway.inventory.Network;
import io.slipway.inventory.Node;
import io.slipway.inventory.Ovn;
import io.slipway.inventory.Packages;
import io.slipway.inventory.Role;
import io.slipway.inventory.Router;
import io.slipway.inventory.Serve;
import io.slipway.inventory.Slackware;
import io.slipway.inventory.Traffic;
import io.slipway.yaml.Findings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fills in what the file leaves out. Each default is written here once and described in {@link Key#otherwise()}. */
final class Derivation {
    /** The key "Slackware Linux Project": https://www.slackware.com/infra/keys.php. */
    private static final String SLACKWARE_KEY = "EC5649DA401E22ABFA6736EF6A4463C040102233";

    private static final int VOTERS = 3;

    private final ClusterYaml yaml;
    private final Findings findings;
    private final Path directory;

    Derivation(ClusterYaml yaml, Findings findings, Path directory) {
        this.yaml = yaml;
        this.findings = findings;
        this.directory = directory;
    }

    /** The cluster, or null where a finding says what cannot be derived. */
    @Nullable
    Cluster cluster() {
        Identity identity = identity();
        List<Network> networks = networks();
        Traffic traffic = traffic(networks);
        Serve serve = serve(networks, identity);
        if (traffic == null || serve == null) {
            return null;
        }
        Incus incus = incus(identity, networks, traffic);
        List<Node> nodes = nodes();
        if (incus == null || nodes.isEmpty()) {
            return null;
        }
        return new Cluster(
                identity,
                slackware(),
                packages(),
                serve,
                bonds(),
                networks,
                traffic,
                nodes,
                ovn(),
                linstor(),
                incus,
                deployHost(),
                router(nodes));
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    private static <T> List<T> or(@Nullable List<T> value) {
        return value == null ? List.of() : value;
    }

    private Identity identity() {
        var part = yaml.cluster();
        var admin = or(part.admin(), new ClusterYaml.AdminPart(null, null, null));
        return new Identity(
                part.name(),
                or(part.domain(), part.name() + ".internal"),
                or(part.timezone(), "UTC"),
                or(part.ntp(), List.of("pool.ntp.org")),
                or(part.dns(), part.gateway() == null ? List.of() : List.of(part.gateway())),
                part.gateway(),
                new Identity.Admin(or(admin.name(), "admin"), or(admin.uid(), 1000), or(admin.keys())),
                or(part.serialConsole(), false));
    }

    private Slackware slackware() {
        var part = yaml.slackware();
        String mirror = part.mirror();
        return new Slackware(
                mirror.contains("://") ? mirror : resolve(mirror),
                or(part.snapshot(), "current"),
                or(part.verify(), Slackware.Verify.SIGNATURE),
                or(part.fingerprint(), SLACKWARE_KEY).toUpperCase(Locale.ROOT),
                or(part.series(), List.of("a", "ap", "d", "l", "n")),
                or(part.add()),
                or(part.skip()),
                part.tagfiles() == null ? "" : resolve(part.tagfiles()));
    }

    private Packages packages() {
        var part = yaml.packages();
        if (part == null) {
            return new Packages(List.of(), List.of(), List.of(), Map.of(), List.of(), 1);
        }
        return new Packages(
                or(part.stacks()),
                or(part.slackbuilds()).stream().map(this::resolve).toList(),
                or(part.local()).stream().map(this::resolve).toList(),
                set(or(part.set(), Map.of())),
                or(part.sources()).stream()
                        .map(source -> source.contains("://") ? source : resolve(source))
                        .toList(),
                or(part.jobs(), 1));
    }

    private Map<String, String> set(Map<String, String> given) {
        given.forEach((name, value) -> {
            boolean version = !name.contains(":") || name.endsWith(":VERSION");
            if (!value.matches(version ? ClusterYaml.Shapes.VERSION : ClusterYaml.Shapes.FREE)) {
                String words = version ? ClusterYaml.Shapes.VERSION_WORDS : ClusterYaml.Shapes.FREE_WORDS;
                findings.add("packages.set." + name, "is not " + words, "Write " + words + ".");
            }
        });
        return given;
    }

    private String resolve(String path) {
        return directory.resolve(path).normalize().toString();
    }

    private List<Network> networks() {
        var out = new ArrayList<Network>();
        yaml.networks()
                .forEach((name, part) -> out.add(new Network(
                        name,
                        part.interfaces(),
                        or(part.vlan(), 0),
                        or(part.bridge(), ""),
                        or(part.stp(), false),
                        part.subnet(),
                        or(part.mtu(), 1500))));
        if (out.isEmpty()) {
            findings.add("networks", "is empty", "Describe at least the network that the nodes share.");
        }
        return out;
    }

    private @Nullable Traffic traffic(List<Network> networks) {
        var part = or(yaml.traffic(), new ClusterYaml.TrafficPart(null, null, null, null));
        String cluster = part.cluster();
        if (cluster == null) {
            cluster = named(networks, "cluster");
        }
        if (cluster == null) {
            cluster = networks.stream()
                    .filter(network -> network.subnet() != null)
                    .map(Network::name)
                    .findFirst()
                    .orElse(null);
        }
        if (cluster == null) {
            findings.add("networks", "has no network with a subnet", "Give the nodes' common network a subnet.");
            return null;
        }
        String storage = part.storage() != null ? part.storage() : named(networks, "storage");
        String tunnel = part.tunnel() != null ? part.tunnel() : named(networks, "ovn");
        String uplink = part.uplink() != null ? part.uplink() : named(networks, "uplink");
        var traffic = new Traffic(cluster, or(storage, cluster), or(tunnel, cluster), uplink);
        int before = findings.size();
        exists(networks, "cluster", traffic.cluster());
        exists(networks, "storage", traffic.storage());
        exists(networks, "tunnel", traffic.tunnel());
        if (uplink != null) {
            exists(networks, "uplink", uplink);
        }
        return findings.size() == before ? traffic : null;
    }

    private void exists(List<Network> networks, String kind, String name) {
        if (named(networks, name) != null) {
            return;
        }
        List<String> names = networks.stream().map(Network::name).toList();
        String nearest = Findings.nearest(name, names);
        findings.add(
                "traffic." + kind,
                "names network \"" + name + "\", which does not exist",
                nearest == null ? "Networks: " + String.join(", ", names) + "." : "Did you mean \"" + nearest + "\"?");
    }

    private static @Nullable String named(List<Network> networks, String name) {
        return networks.stream().anyMatch(network -> network.name().equals(name)) ? name : null;
    }

    private @Nullable Serve serve(List<Network> networks, Identity identity) {
        var part = yaml.serve();
        Ipv4Network subnet = part.subnet();
        if (subnet == null) {
            subnet = networks.stream()
                    .map(Network::subnet)
                    .filter(candidate -> candidate != null && candidate.contains(part.address()))
                    .findFirst()
                    .orElse(null);
        }
        if (subnet == null) {
            findings.add(
                    "serve.address",
                    "is " + part.address() + ", which is in no network's subnet",
                    "Correct it, or add serve.subnet with the boot network's subnet.");
            return null;
        }
        var dhcp = or(part.dhcp(), new ClusterYaml.DhcpPart(null, null, null, null));
        Ipv4Address router = dhcp.router();
        Ipv4Address gateway = identity.gateway();
        if (router == null && gateway != null && subnet.contains(gateway)) {
            router = gateway;
        }
        return new Serve(
                part.address(),
                subnet,
                new Serve.Dhcp(
                        or(dhcp.mode(), Serve.DhcpMode.PROXY),
                        dhcp.pool(),
                        router,
                        or(dhcp.lease(), Duration.ofHours(1))),
                or(part.bootPort(), 8080),
                or(part.adminPort(), 8443),
                part.adminAddress() == null ? "127.0.0.1" : part.adminAddress().toString(),
                or(part.enrolment(), Serve.Enrolment.AUTOMATIC),
                or(part.armWindow(), Duration.ofHours(2)),
                or(part.formation(), Serve.Formation.AUTOMATIC),
                part.ipxe() == null ? "/usr/lib/ipxe" : resolve(part.ipxe()));
    }

    private List<Bond> bonds() {
        var out = new ArrayList<Bond>();
        or(yaml.bonds(), Map.<String, ClusterYaml.BondPart>of())
                .forEach((name, part) -> out.add(new Bond(
                        name,
                        part.interfaces(),
                        or(part.mode(), "802.3ad"),
                        or(part.miimon(), 100),
                        or(part.lacpRate(), "fast"),
                        or(part.hash(), "layer3+4"))));
        return out;
    }

    private List<Node> nodes() {
        boolean votersNamed = yaml.nodes().stream()
                .anyMatch(node -> node.roles() != null && node.roles().contains(Role.OVN_CENTRAL));
        int voters = votersNamed ? 0 : yaml.nodes().size() < VOTERS ? 1 : VOTERS;
        boolean controllerNamed = yaml.nodes().stream()
                .anyMatch(node -> node.roles() != null && node.roles().contains(Role.LINSTOR_CONTROLLER));
        var out = new ArrayList<Node>();
        for (int i = 0; i < yaml.nodes().size(); i++) {
            var part = yaml.nodes().get(i);
            Set<Role> roles = EnumSet.noneOf(Role.class);
            if (part.roles() != null) {
                roles.addAll(part.roles());
            } else {
                roles.addAll(EnumSet.of(Role.OVN_HOST, Role.INCUS_MEMBER));
                if (i < voters) {
                    roles.add(Role.OVN_CENTRAL);
                }
                if (yaml.linstor() != null) {
                    roles.add(Role.LINSTOR_SATELLITE);
                    if (i == 0 && !controllerNamed) {
                        roles.add(Role.LINSTOR_CONTROLLER);
                    }
                }
            }
            List<Node.Interface> interfaces = interfaces(part, "nodes[" + i + ']');
            out.add(new Node(
                    part.name(),
                    interfaces,
                    or(part.addresses(), Map.of()),
                    part.uuid() == null ? "" : part.uuid().toLowerCase(Locale.ROOT),
                    or(part.serial(), ""),
                    roles,
                    disks(part.disks())));
        }
        return out;
    }

    private List<Node.Interface> interfaces(ClusterYaml.NodePart part, String path) {
        var marked = new LinkedHashMap<String, MacAddress>();
        part.interfaces().forEach((name, card) -> {
            if (Boolean.TRUE.equals(card.boot())) {
                marked.put(name, card.mac());
            }
        });
        if (part.interfaces().isEmpty()) {
            findings.add(path + ".interfaces", "is empty", "Give at least the interface that the node boots from.");
            return List.of();
        }
        if (marked.size() > 1) {
            findings.add(
                    path + ".interfaces",
                    "marks " + marked.size() + " boot interfaces",
                    "Mark the one that the firmware boots from.");
        }
        String boot = marked.isEmpty()
                ? part.interfaces().keySet().iterator().next()
                : marked.keySet().iterator().next();
        return part.interfaces().entrySet().stream()
                .map(entry -> new Node.Interface(
                        entry.getKey(), entry.getValue().mac(), entry.getKey().equals(boot)))
                .toList();
    }

    private Disks disks(ClusterYaml.@Nullable DisksPart own) {
        var all = or(yaml.disks(), new ClusterYaml.DisksPart(null, null, null));
        var part = or(own, all);
        var system = part.system() != null ? part.system() : all.system();
        var pool = part.pool() != null ? part.pool() : all.pool();
        var layout = or(
                part.layout() != null ? part.layout() : all.layout(),
                new ClusterYaml.LayoutPart(null, null, null, null, null, null));
        var root = or(layout.root(), new ClusterYaml.RootPart(null, null));
        boolean poolPartition = or(layout.poolPartition(), pool == null);
        DataSize rootSize = root.size();
        return new Disks(
                selector(or(system, new ClusterYaml.SelectorPart(null, null, null, null, null, null))),
                new Disks.Layout(
                        or(layout.firmware(), Disks.Firmware.AUTO),
                        or(layout.esp(), DataSize.parse("512M")),
                        rootSize == null && poolPartition ? DataSize.parse("40G") : rootSize,
                        or(root.filesystem(), Disks.Filesystem.EXT4),
                        or(layout.volumeGroup(), ""),
                        layout.swap(),
                        poolPartition),
                pool == null ? null : selector(pool));
    }

    private static Disks.Selector selector(ClusterYaml.SelectorPart part) {
        return new Disks.Selector(
                or(part.transport(), ""),
                or(part.model(), ""),
                or(part.serial(), ""),
                or(part.path(), ""),
                part.minSize(),
                part.maxSize());
    }

    private Ovn ovn() {
        var part = or(yaml.ovn(), new ClusterYaml.OvnPart(null, null, null));
        return new Ovn(
                or(part.tls(), true),
                or(part.electionTimer(), Duration.ofSeconds(4)),
                or(part.encapsulation(), "geneve"));
    }

    private @Nullable Linstor linstor() {
        var part = yaml.linstor();
        return part == null
                ? null
                : new Linstor(
                        or(part.provider(), Linstor.Provider.ZFS_THIN),
                        or(part.replicas(), 2),
                        or(part.pool(), "pool"),
                        or(part.volumeGroup(), "slipway"));
    }

    private @Nullable Incus incus(Identity identity, List<Network> networks, Traffic traffic) {
        var part = or(yaml.incus(), new ClusterYaml.IncusPart(null, null, null, null, null));
        var pool = or(part.localPool(), new ClusterYaml.LocalPoolPart(null, null));
        Incus.Uplink uplink = null;
        var up = part.uplink();
        if (up != null) {
            Ipv4Network subnet = up.subnet();
            if (subnet == null && traffic.uplink() != null) {
                subnet = networks.stream()
                        .filter(network -> network.name().equals(traffic.uplink()))
                        .map(Network::subnet)
                        .filter(candidate -> candidate != null)
                        .findFirst()
                        .orElse(null);
            }
            if (subnet == null) {
                findings.add(
                        "incus.uplink",
                        "has no subnet, and uplink traffic's network has none either",
                        "Add incus.uplink.subnet, for example 192.0.2.0/24.");
                return null;
            }
            uplink = new Incus.Uplink(
                    or(up.name(), "UPLINK"),
                    subnet,
                    up.gateway(),
                    up.ranges(),
                    up.ingress(),
                    or(up.dns(), identity.dns()));
        }
        Incus.OvnNetwork network = null;
        if (part.network() != null || uplink != null) {
            var first = or(part.network(), new ClusterYaml.OvnNetworkPart(null, null));
            network = new Incus.OvnNetwork(
                    or(first.name(), "ovn0"), or(first.subnet(), Ipv4Network.parse("10.234.0.0/24")));
        }
        return new Incus(
                or(part.port(), 8443),
                new Incus.LocalPool(or(pool.name(), "local"), or(pool.driver(), Incus.Driver.DIR)),
                uplink,
                network,
                or(part.trust()));
    }

    private @Nullable DeployHost deployHost() {
        var part = yaml.deployHost();
        return part == null ? null : new DeployHost(part.name(), part.address(), or(part.port(), 8443));
    }

    private @Nullable Router router(List<Node> nodes) {
        var part = yaml.router();
        return part == null
                ? null
                : new Router(part.instance(), or(part.target(), nodes.get(0).name()));
    }
}
