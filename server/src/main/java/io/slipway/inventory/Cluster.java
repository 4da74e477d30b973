package io.slipway.inventory;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Everything that {@code cluster.yaml} says, with defaults derived and rules checked.
 *
 * @param identity name, domain, time and people
 * @param slackware where the operating system comes from and what of it is installed
 * @param packages what is compiled or brought ready-made
 * @param serve the appliance itself
 * @param bonds link aggregations, which networks name like interfaces
 * @param networks in the file's order
 * @param traffic which network carries what
 * @param nodes in the file's order, which decides who bootstraps
 * @param ovn OVN's settings
 * @param linstor LINSTOR's settings, or null for a cluster without it
 * @param incus Incus's settings
 * @param deployHost the build machine as an Incus host, or null
 * @param router the router instance that moves into the cluster, or null
 */
public record Cluster(
        Identity identity,
        Slackware slackware,
        Packages packages,
        Serve serve,
        List<Bond> bonds,
        List<Network> networks,
        Traffic traffic,
        List<Node> nodes,
        Ovn ovn,
        @Nullable Linstor linstor,
        Incus incus,
        @Nullable DeployHost deployHost,
        @Nullable Router router) {

    public Cluster {
        bonds = List.copyOf(bonds);
        networks = List.copyOf(networks);
        nodes = List.copyOf(nodes);
    }

    /**
     * @throws io.slipway.problem.ProblemException if there is none of that name
     */
    public Node getNode(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.of(
                                ProblemKind.NOT_FOUND,
                                "There is no node \"" + name + "\" in cluster \"" + identity.name() + "\".",
                                "Name one of: " + nodes.stream().map(Node::name).collect(Collectors.joining(", ")))
                        .asException());
    }

    /**
     * @throws IllegalArgumentException if there is none of that name: a checked cluster names only networks it has
     */
    public Network getNetwork(String name) {
        return networks.stream()
                .filter(network -> network.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no network \"" + name + '"'));
    }

    public @Nullable Network findNetwork(String name) {
        return networks.stream()
                .filter(network -> network.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    public List<Node> listNodes(Role role) {
        return nodes.stream().filter(node -> node.roles().contains(role)).toList();
    }

    /** The address by which the others know a node: its address on the network that carries cluster traffic. */
    public Ipv4Address clusterAddress(Node node) {
        return node.address(traffic.cluster());
    }

    /**
     * The address at which the appliance reaches a node: the one in the boot subnet, where both are, or else, through a
     * router, the cluster's.
     */
    public Ipv4Address loginAddress(Node node) {
        return node.addresses().values().stream()
                .filter(serve.subnet()::isHost)
                .findFirst()
                .orElseGet(() -> clusterAddress(node));
    }
}
