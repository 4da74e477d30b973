package io.slipway.cli;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Read and validate cluster.yaml; report every problem at once.",
        footer = {"", "Example: slipway check -f cluster.yaml"})
final class CheckCommand implements Runnable {
    @Mixin
    private ClusterOption cluster = new ClusterOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        Cluster read = cluster.read();
        var out = spec.commandLine().getOut();
        out.printf(
                "%s is right: cluster %s, %d nodes, %d networks, OVN voters %s.%n",
                cluster.file(),
                read.identity().name(),
                read.nodes().size(),
                read.networks().size(),
                read.listNodes(Role.OVN_CENTRAL).stream().map(Node::name).collect(Collectors.joining(", ")));
        for (Node node : read.nodes()) {
            out.printf(
                    "  %-16s %-16s boots from %s (%s); %s%n",
                    node.name(),
                    read.clusterAddress(node),
                    node.bootInterface().name(),
                    node.bootInterface().mac(),
                    node.roles().stream().map(Role::text).sorted().collect(Collectors.joining(", ")));
        }
    }
}
