package io.slipway.formation.incus;

import io.slipway.Repository;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Incus;
import io.slipway.inventory.Ipv4Range;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.Node;
import io.slipway.inventory.Ovn;
import io.slipway.inventory.Role;
import io.slipway.inventory.yaml.ClusterYamlReader;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The lab's cluster, and what may be different about it. */
public final class Clusters {
    private Clusters() {}

    public static Cluster lab() {
        return ClusterYamlReader.read(Repository.example("lab"));
    }

    public static Cluster with(Cluster base, Incus incus, @Nullable Linstor linstor, boolean tls, List<Node> nodes) {
        return new Cluster(
                base.identity(),
                base.slackware(),
                base.packages(),
                base.serve(),
                base.bonds(),
                base.networks(),
                base.traffic(),
                nodes,
                new Ovn(tls, base.ovn().electionTimer(), base.ovn().encapsulation()),
                linstor,
                incus,
                base.deployHost(),
                base.router());
    }

    public static Cluster with(Cluster base, Incus incus) {
        return with(base, incus, base.linstor(), base.ovn().tls(), base.nodes());
    }

    public static Cluster with(Cluster base, Linstor linstor) {
        var nodes = new ArrayList<Node>();
        for (Node node : base.nodes()) {
            var roles = EnumSet.copyOf(node.roles());
            roles.add(Role.LINSTOR_SATELLITE);
            if (nodes.isEmpty()) {
                roles.add(Role.LINSTOR_CONTROLLER);
            }
            nodes.add(with(node, roles));
        }
        return with(base, base.incus(), linstor, base.ovn().tls(), nodes);
    }

    public static Node with(Node node, Set<Role> roles) {
        return new Node(
                node.name(), node.interfaces(), node.addresses(), node.uuid(), node.serial(), roles, node.disks());
    }

    public static Cluster withTls(Cluster base, boolean tls) {
        return with(base, base.incus(), base.linstor(), tls, base.nodes());
    }

    public static Cluster withNodes(Cluster base, List<Node> nodes) {
        return with(base, base.incus(), base.linstor(), base.ovn().tls(), nodes);
    }

    public static Incus trusting(Incus base, String... clients) {
        return new Incus(base.port(), base.localPool(), base.uplink(), base.network(), List.of(clients));
    }

    public static Incus local(Incus base, Incus.Driver driver) {
        return new Incus(
                base.port(), new Incus.LocalPool("local", driver), base.uplink(), base.network(), base.trust());
    }

    public static Incus without(Incus base, boolean network) {
        return new Incus(base.port(), base.localPool(), null, network ? base.network() : null, base.trust());
    }

    static Incus.Uplink uplink(Incus.Uplink base, String range) {
        return new Incus.Uplink(
                base.name(),
                base.subnet(),
                base.gateway(),
                List.of(Ipv4Range.parse(range)),
                base.ingress(),
                base.dns());
    }
}
