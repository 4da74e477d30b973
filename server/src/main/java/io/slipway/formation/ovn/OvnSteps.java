package io.slipway.formation.ovn;

import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The steps of a cluster with OVN. */
public final class OvnSteps {
    /** The last step: when it is done, networks can be made. */
    public static final String LAST = "ovn.registered";

    private static final Duration JOIN = Duration.ofMinutes(6);
    private static final Duration AGREE = Duration.ofMinutes(4);

    private OvnSteps() {}

    /**
     * @param nodes reaches the cluster's nodes
     * @param certificates the cluster's authority; not asked without {@code ovn.tls}
     * @param before ids of steps that must be done before the first of these
     * @return nothing for a cluster without voters
     */
    public static List<Step> of(Cluster cluster, Nodes nodes, Certificates certificates, List<String> before) {
        var voters = new Voters(cluster, nodes);
        List<Node> hosts = cluster.listNodes(Role.OVN_HOST);
        if (voters.list().isEmpty()) {
            return List.of();
        }
        Node first = voters.list().get(0);
        var all = new LinkedHashSet<>(voters.list());
        all.addAll(hosts);
        var out = new ArrayList<Step>();
        boolean tls = cluster.ovn().tls();
        for (Node node : all) {
            String name = node.name();
            out.add(Step.of("ovn.switch." + name, name, name + " runs Open vSwitch", new OpenVswitch(name, nodes))
                    .after(before));
            if (tls) {
                String address = cluster.clusterAddress(node).toString();
                out.add(Step.of(
                                "ovn.certificate." + name,
                                name,
                                name + " has a certificate of the cluster's authority",
                                new NodeCertificate(name, address, certificates, nodes))
                        .after(before));
            }
        }
        String previous = "";
        for (Node voter : voters.list()) {
            String name = voter.name();
            Step step = Step.of(
                            "ovn.voter." + name,
                            name,
                            name + " is a voter of OVN's databases",
                            new Voter(voters, voter))
                    .waiting("waiting until " + name + " is a member of both databases")
                    .within(JOIN)
                    .after(tls ? List.of("ovn.certificate." + name) : before);
            // One at a time: the next may join only a cluster that has taken in the last.
            out.add(previous.isEmpty() ? step : step.after(previous));
            previous = step.id();
        }
        var alone = Set.of(first.name());
        out.add(Step.of("ovn.raft", "", "the voters are one Raft cluster", new RaftHealth(voters))
                .waiting("waiting until all voters agree")
                .within(AGREE)
                .occupying(alone)
                .after(previous));
        out.add(Step.of(
                        "ovn.timer",
                        "",
                        "Raft's election timer is "
                                + cluster.ovn().electionTimer().toMillis() + " ms",
                        new ElectionTimer(voters))
                .occupying(alone)
                .within(AGREE)
                .after("ovn.raft"));
        if (tls) {
            out.add(Step.of(
                            "ovn.listeners",
                            first.name(),
                            "the databases serve clients that have a certificate",
                            new Listeners(voters, first))
                    .within(AGREE)
                    .after("ovn.voter." + first.name()));
        }
        out.add(Step.of(
                        "ovn.northd",
                        "",
                        "northd is active on one voter and stands by on the others",
                        new Northd(voters))
                .waiting("waiting until one northd is active")
                .within(AGREE)
                .occupying(alone)
                .after("ovn.raft")
                .after(tls ? List.of("ovn.listeners") : List.of()));
        var chassis = new ArrayList<String>();
        for (Node host : hosts) {
            String name = host.name();
            Step step = Step.of("ovn.chassis." + name, name, name + " is a chassis of OVN", new Chassis(voters, host))
                    .waiting("waiting until ovn-controller of " + name + " is connected")
                    .within(AGREE)
                    .after(ready(name, tls))
                    .after("ovn.voter." + first.name())
                    .after(tls ? List.of("ovn.listeners") : List.of());
            out.add(step);
            chassis.add(step.id());
        }
        out.add(Step.of(
                        LAST,
                        "",
                        "the Southbound database knows " + hosts.size() + " chassis",
                        new RegisteredChassis(voters, first, hosts))
                .waiting("waiting until every chassis is registered")
                .within(AGREE)
                .occupying(alone)
                .acceptableAs("ovn-strangers")
                .after(chassis)
                .after("ovn.raft", "ovn.northd", "ovn.timer"));
        return out;
    }

    private static List<String> ready(String node, boolean tls) {
        return tls ? List.of("ovn.switch." + node, "ovn.certificate." + node) : List.of("ovn.switch." + node);
    }
}
