package io.slipway.formation.preflight;

import io.slipway.formation.Finding;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Whether nodes were formed into another cluster before. What is there already is fine if its members are those of
 * cluster.yaml, and if all nodes that have it are in the same one.
 */
final class FormerCluster {
    private final Cluster cluster;
    private final Map<String, NodeFacts> facts;
    private final List<String> found = new ArrayList<>();
    private final Set<String> strange = new LinkedHashSet<>();
    private final Set<String> ours = new LinkedHashSet<>();

    private FormerCluster(Cluster cluster, Map<String, NodeFacts> facts) {
        this.cluster = cluster;
        this.facts = facts;
    }

    /**
     * @param facts what the nodes said, by name
     */
    static Finding judge(Cluster cluster, Map<String, NodeFacts> facts) {
        return new FormerCluster(cluster, facts).judge();
    }

    private Finding judge() {
        facts.forEach((node, each) -> {
            NodeFacts.Former former = each.former();
            ovn(node, former);
            incus(node, former);
            linstor(node, former.linstor());
        });
        apart("OVN's Northbound database", (node, ids) -> id(node, "nb", ids));
        apart("OVN's Southbound database", (node, ids) -> id(node, "sb", ids));
        apart("Incus's cluster", this::certificate);
        if (found.isEmpty()) {
            return Finding.done(
                    ours.isEmpty()
                            ? "no node was formed before"
                            : "what is formed on " + String.join(", ", ours) + " is this cluster");
        }
        return Finding.wrong(
                "nodes that are in no other cluster",
                String.join("; ", found),
                "Nothing of it was touched. Where that cluster is not needed any more, install the node again: slipway node"
                        + " reinstall " + String.join(" ", strange)
                        + ". Where it is, take the node out of cluster.yaml, or"
                        + " name in it all that belong together.");
    }

    private void report(String node, String what) {
        strange.add(node);
        found.add(node + " has " + what);
    }

    private Set<String> addresses(Role role) {
        return cluster.listNodes(role).stream()
                .map(cluster::clusterAddress)
                .map(Ipv4Address::toString)
                .collect(Collectors.toSet());
    }

    private void ovn(String node, NodeFacts.Former former) {
        Set<String> voters = addresses(Role.OVN_CENTRAL);
        former.databases().forEach((kind, database) -> {
            String name = "OVN's " + (kind.equals("nb") ? "Northbound" : "Southbound") + " database";
            var others = new TreeSet<>(database.servers());
            others.removeAll(voters);
            if (!database.clustered()) {
                report(node, name + " standing alone, not in a Raft cluster");
            } else if (!others.isEmpty()) {
                report(node, name + " in a Raft cluster with " + String.join(", ", others));
            } else {
                ours.add(node);
            }
        });
        var others = new TreeSet<>(former.remotes());
        others.removeAll(voters);
        if (!others.isEmpty()) {
            report(node, "Open vSwitch told to follow OVN at " + String.join(", ", others));
        }
    }

    private void incus(String node, NodeFacts.Former former) {
        NodeFacts.Membership membership = former.incus();
        if (membership == null) {
            return;
        }
        var others = new TreeSet<String>();
        boolean seen = false;
        if (membership.answers()) {
            seen = true;
            membership.members().forEach((name, address) -> {
                boolean known = cluster.listNodes(Role.INCUS_MEMBER).stream()
                        .anyMatch(each -> each.name().equals(name)
                                && host(address)
                                        .equals(cluster.clusterAddress(each).toString()));
                if (!known) {
                    others.add(name + " (" + host(address) + ")");
                }
            });
        } else {
            Set<String> members = addresses(Role.INCUS_MEMBER);
            for (String address : membership.members().values()) {
                if (address.endsWith(":" + cluster.incus().port())
                        && !host(address).equals("0.0.0.0")) {
                    seen = true;
                    if (!members.contains(host(address))) {
                        others.add(host(address));
                    }
                }
            }
        }
        if (!seen) {
            report(node, "Incus in a cluster, and it does not say in which");
        } else if (!others.isEmpty()) {
            report(node, "Incus in a cluster with " + String.join(", ", others));
        } else {
            ours.add(node);
        }
    }

    private static String host(String address) {
        return address.substring(0, Math.max(0, address.lastIndexOf(':')));
    }

    private void linstor(String node, NodeFacts.Replication left) {
        Linstor linstor = cluster.linstor();
        boolean runsIt = linstor != null && cluster.getNode(node).has(Role.LINSTOR_CONTROLLER);
        if (left.controller() && !runsIt) {
            report(node, "a database of LINSTOR's controller, which cluster.yaml does not put there");
        }
        var others = new TreeSet<String>();
        left.nodes().forEach((name, addresses) -> {
            boolean known = cluster.nodes().stream()
                    .anyMatch(each -> each.name().equals(name)
                            && addresses.contains(cluster.clusterAddress(each).toString()));
            if (!known) {
                others.add(name + " (" + String.join(", ", addresses) + ")");
            }
        });
        Set<String> names = cluster.nodes().stream().map(Node::name).collect(Collectors.toSet());
        left.hosts().stream().filter(host -> !names.contains(host)).forEach(others::add);
        if (!others.isEmpty()) {
            report(node, "LINSTOR with " + String.join(", ", others));
        } else if ((left.controller() && runsIt) || !left.hosts().isEmpty()) {
            ours.add(node);
        }
    }

    /** Nodes that have the same thing of different clusters, each of which may look like this one. */
    private void apart(String what, BiConsumer<String, Map<String, List<String>>> collect) {
        var nodesById = new LinkedHashMap<String, List<String>>();
        facts.keySet().forEach(node -> collect.accept(node, nodesById));
        if (nodesById.size() > 1) {
            var parts = new ArrayList<String>();
            nodesById.forEach((id, nodes) -> {
                parts.add(id.substring(0, Math.min(8, id.length())) + " on " + String.join(", ", nodes));
                strange.addAll(nodes);
            });
            found.add(what + " is not the same one on all nodes (" + String.join("; ", parts) + ")");
        }
    }

    private NodeFacts.Former former(String node) {
        NodeFacts known = facts.get(node);
        if (known == null) {
            throw new IllegalArgumentException(node);
        }
        return known.former();
    }

    private void id(String node, String kind, Map<String, List<String>> out) {
        NodeFacts.Database database = former(node).databases().get(kind);
        if (database != null && !database.id().isEmpty()) {
            out.computeIfAbsent(database.id(), key -> new ArrayList<>()).add(node);
        }
    }

    private void certificate(String node, Map<String, List<String>> out) {
        NodeFacts.Membership membership = former(node).incus();
        if (membership != null) {
            out.computeIfAbsent(digest(membership.certificate()), key -> new ArrayList<>())
                    .add(node);
        }
    }

    private static String digest(String certificate) {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(certificate.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java has SHA-256", absent);
        }
    }
}
