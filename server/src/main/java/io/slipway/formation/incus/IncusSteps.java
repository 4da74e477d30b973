package io.slipway.formation.incus;

import io.slipway.formation.Step;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Ipv4Network;
import io.slipway.inventory.Ipv4Range;
import io.slipway.inventory.Node;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** The steps from Incus's daemons to a cluster that instances can be launched in. */
public final class IncusSteps {
    /** The last step that instances wait for. Trust in clients comes beside it. */
    public static final String LAST = "incus.profile";

    /** The step that makes tokens for clients, where there are such. */
    public static final String TRUST = "incus.trust";

    /** Emulated machines take most of these; the conditions are awaited, so real ones do not. */
    private static final Duration DAEMON = Duration.ofMinutes(8);

    private static final Duration MEMBER = Duration.ofMinutes(10);
    private static final Duration MADE = Duration.ofMinutes(8);

    /** The outer headers of a Geneve packet over IPv4, and the largest packet that instances are given. */
    private static final int ENCAPSULATION = 58;

    private static final int LARGEST_MTU = 1500;

    private IncusSteps() {}

    /**
     * @param members the cluster's daemons
     * @param ovn vouches for Incus towards OVN; asked only where OVN speaks TLS
     * @param clock against which certificates are held
     * @param afterNetwork ids of steps of OVN that must be done before Incus uses it
     * @param afterStorage ids of steps of LINSTOR that must be done before Incus uses it
     * @param before ids of steps that must be done before anything of Incus
     * @param trustToken is shown each client's name and its token, once; the token is a secret
     * @return nothing for a cluster without Incus members
     */
    public static List<Step> of(
            Members members,
            Credentials ovn,
            InstantSource clock,
            List<String> afterNetwork,
            List<String> afterStorage,
            List<String> before,
            BiConsumer<String, String> trustToken) {
        if (members.list().isEmpty()) {
            return List.of();
        }
        Cluster cluster = members.cluster();
        var out = new ArrayList<Step>();
        String first = members.list().get(0).name();
        members(out, members, before);
        pool(out, members);
        shared(out, members, afterStorage);
        network(out, members, new OvnConnection(cluster, ovn, clock, members), afterNetwork);
        Incus incus = cluster.incus();
        var network = incus.network();
        var last = new ArrayList<>(List.of("incus.pool"));
        if (network != null) {
            last.add("incus.network");
        } else if (incus.uplink() != null) {
            last.add("incus.uplink");
        }
        SharedPool shared = SharedPool.of(cluster);
        if (shared != null) {
            last.add("incus.shared");
        }
        out.add(whole(
                        LAST,
                        first,
                        "instances get a root disk" + (network == null ? "" : " and an address") + " by default",
                        new DefaultProfile(
                                incus.localPool().name(), shared, network == null ? "" : network.name(), members))
                .waiting("waiting for Incus's default profile")
                .after(last));
        if (!incus.trust().isEmpty()) {
            out.add(whole(
                            TRUST,
                            first,
                            "there is a token for each of " + String.join(", ", incus.trust()),
                            new TrustedClients(incus.trust(), trustToken, members))
                    .waiting("waiting for Incus's trust tokens")
                    .after("incus.members"));
        }
        return out;
    }

    /** A step of the cluster as a whole: it asks one member, and others may go on elsewhere. */
    private static Step whole(String id, String first, String description, Step.Work work) {
        return Step.of(id, "", description, work).occupying(Set.of(first));
    }

    private static void members(List<Step> out, Members members, List<String> before) {
        String first = members.list().get(0).name();
        for (String name : members.names()) {
            out.add(Step.of(
                            "incus.daemon." + name,
                            name,
                            "Incus's daemon answers on " + name,
                            new IncusDaemon(name, members))
                    .waiting("waiting until Incus answers on " + name)
                    .within(DAEMON)
                    .after(before));
        }
        out.add(whole("incus.bootstrap", first, "there is one Incus cluster", new FirstMember(members))
                .waiting("waiting until Incus is a cluster")
                .within(DAEMON)
                .acceptableAs("incus-cluster")
                .after(members.names().stream()
                        .map(name -> "incus.daemon." + name)
                        .toList()));
        String previous = "incus.bootstrap";
        for (Node node : members.list()) {
            String id = "incus.join." + node.name();
            out.add(Step.of(
                            id,
                            node.name(),
                            node.name() + " is a member of the Incus cluster",
                            new JoinedMember(node, members))
                    .waiting("waiting until " + node.name() + " has joined the Incus cluster")
                    .within(MEMBER)
                    .after(previous));
            previous = id;
        }
        out.add(whole("incus.members", first, "all members of Incus are ONLINE", new OnlineMembers(members))
                .waiting("waiting until all members of Incus are ONLINE")
                .after(previous));
    }

    private static void pool(List<Step> out, Members members) {
        Incus.LocalPool pool = members.cluster().incus().localPool();
        String driver = pool.driver().name().toLowerCase(Locale.ROOT);
        pools(out, "incus.pool", pool.name(), driver, Map.of(), members, List.of("incus.members"));
    }

    private static void shared(List<Step> out, Members members, List<String> afterStorage) {
        SharedPool shared = SharedPool.of(members.cluster());
        if (shared == null) {
            return;
        }
        out.add(whole(
                        "incus.linstor",
                        members.list().get(0).name(),
                        "Incus knows where LINSTOR is",
                        new LinstorConnection(members.cluster(), members))
                .waiting("waiting until Incus has reached LINSTOR")
                .acceptableAs("incus-without-linstor")
                .after("incus.members")
                .after(afterStorage));
        pools(out, "incus.shared", shared.name(), SharedPool.DRIVER, Map.of(), members, List.of("incus.linstor"));
    }

    /** Each member's part, and then the pool. */
    private static void pools(
            List<Step> out,
            String id,
            String name,
            String driver,
            Map<String, String> config,
            Members members,
            List<String> after) {
        SharedPool shared = SharedPool.of(members.cluster());
        boolean isShared = driver.equals(SharedPool.DRIVER);
        var parts = new ArrayList<String>();
        for (String node : members.names()) {
            MemberPool.Source source = isShared && shared != null
                    ? () -> Map.of("source", shared.source())
                    : new LocalSource(node, members)::config;
            parts.add(id + "." + node);
            out.add(Step.of(
                            id + "." + node,
                            node,
                            node + " takes part in the storage pool " + name,
                            new MemberPool(node, name, driver, source, members))
                    .waiting("waiting until " + node + " takes part in the storage pool " + name)
                    .after(after));
        }
        out.add(whole(
                        id,
                        members.list().get(0).name(),
                        "the storage pool " + name + " is on all members",
                        new ClusterPool(name, driver, config, members))
                .waiting("waiting for the storage pool " + name)
                .within(MADE)
                .after(parts));
    }

    private static void network(List<Step> out, Members members, OvnConnection connection, List<String> afterNetwork) {
        Cluster cluster = members.cluster();
        Incus.Uplink uplink = cluster.incus().uplink();
        Incus.OvnNetwork network = cluster.incus().network();
        if (uplink == null && network == null) {
            return;
        }
        String first = members.list().get(0).name();
        out.add(whole("incus.ovn", first, "Incus knows where OVN's Northbound database is", connection)
                .waiting("waiting until Incus has reached OVN")
                .within(MADE)
                .after("incus.members")
                .after(afterNetwork));
        var before = new ArrayList<>(List.of("incus.ovn"));
        if (uplink != null) {
            var parts = new ArrayList<String>();
            for (String node : members.names()) {
                parts.add("incus.uplink." + node);
                out.add(Step.of(
                                "incus.uplink." + node,
                                node,
                                node + " has a way out for OVN's networks",
                                new MemberUplink(node, uplink.name(), members))
                        .waiting("waiting until " + node + " takes part in " + uplink.name())
                        .after("incus.ovn"));
            }
            out.add(whole(
                            "incus.uplink",
                            first,
                            "OVN's networks leave by " + uplink.name(),
                            new ClusterNetwork(uplink.name(), "physical", Map.of(), settings(uplink), members))
                    .waiting("waiting for the network " + uplink.name())
                    .within(MADE)
                    .after(parts));
            before.add("incus.uplink");
        }
        if (network != null) {
            int mtu = cluster.getNetwork(cluster.traffic().tunnel()).mtu() - ENCAPSULATION;
            out.add(whole(
                            "incus.network",
                            first,
                            "instances have the network " + network.name(),
                            new ClusterNetwork(
                                    network.name(),
                                    "ovn",
                                    Map.of(
                                            "network",
                                            uplink == null ? "none" : uplink.name(),
                                            "ipv4.address",
                                            gateway(network.subnet())),
                                    Map.of(
                                            "ipv4.nat", "" + (uplink != null),
                                            "ipv6.address", "none",
                                            "bridge.mtu", "" + Math.min(mtu, LARGEST_MTU)),
                                    members))
                    .waiting("waiting for the network " + network.name())
                    .within(MADE)
                    .after(before));
        }
    }

    /** OVN's router has the subnet's first address. */
    static String gateway(Ipv4Network subnet) {
        return new Ipv4Address(subnet.base().bits() + 1) + "/" + subnet.prefix();
    }

    private static Map<String, String> settings(Incus.Uplink uplink) {
        var out = new TreeMap<String, String>();
        out.put("ipv4.gateway", uplink.gateway() + "/" + uplink.subnet().prefix());
        out.put(
                "ipv4.ovn.ranges",
                uplink.ranges().stream().map(Ipv4Range::toString).collect(Collectors.joining(",")));
        if (!uplink.dns().isEmpty()) {
            out.put(
                    "dns.nameservers",
                    uplink.dns().stream().map(Ipv4Address::toString).collect(Collectors.joining(",")));
        }
        Ipv4Range ingress = uplink.ingress();
        if (ingress != null) {
            // What network forwards may listen on; OVN's routers take their own addresses from the ranges only.
            out.put(
                    "ipv4.routes",
                    ingress.networks().stream().map(Ipv4Network::toString).collect(Collectors.joining(",")));
        }
        return out;
    }
}
