package io.slipway.formation.preflight;

import io.slipway.formation.Finding;
import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Network;
import io.slipway.inventory.Node;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The steps that look whether a cluster can be formed. None of them changes a node. */
public final class PreflightSteps {
    /** The last step: everything that changes a node depends on it. */
    public static final String LAST = "preflight.done";

    private static final String PREFIX = "preflight.";

    /** All steps look at about the same time; one that looks again after this gets a new answer. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private PreflightSteps() {}

    /**
     * @param nodes reaches the cluster's nodes
     * @param clock the appliance's
     */
    public static List<Step> of(Cluster cluster, Nodes nodes, InstantSource clock) {
        var survey = new Survey(cluster, nodes, clock, FRESH);
        var out = new ArrayList<Step>();
        for (Node node : cluster.nodes()) {
            String name = node.name();
            out.add(alone(Step.of(
                            PREFIX + "login." + name,
                            name,
                            name + " answers with its own key and is called so",
                            (Step.Check) () -> OneNode.login(node, survey.of(name)))
                    .waiting("waiting until " + name + " answers")));
        }
        List<String> logins = out.stream().map(Step::id).toList();
        for (Node node : cluster.nodes()) {
            String name = node.name();
            String login = PREFIX + "login." + name;
            out.add(perNode(
                    "installed",
                    node,
                    name + " was installed from this cluster's image",
                    login,
                    () -> OneNode.installed(node, survey.of(name))));
            out.add(perNode(
                    "room",
                    node,
                    name + " has room on its root file system",
                    login,
                    () -> OneNode.room(node, survey.of(name))));
            out.add(perNode(
                    "ports",
                    node,
                    "the cluster's ports are free on " + name,
                    login,
                    () -> OneNode.ports(cluster, node, survey.of(name))));
            out.add(perNode(
                    "disks",
                    node,
                    "the storage partition of " + name + " is empty or ours",
                    login,
                    () -> OneNode.disks(cluster, node, survey.of(name))));
        }
        out.add(overall("clocks", "all clocks are within a second", logins, new Clocks(cluster, nodes, survey, clock))
                .waiting("waiting until the clocks are set")
                .within(Clocks.SETTLING.multipliedBy(2)));
        out.add(overall("kernel", "all nodes run one kernel", logins, judging(survey, Sameness::kernel)));
        out.add(overall("cpu", "all nodes have one processor model", logins, judging(survey, Sameness::processor)));
        out.add(overall(
                "packages",
                "all nodes have the same versions of the cluster's programs",
                logins,
                judging(survey, Sameness::packages)));
        out.add(overall(
                "former",
                "no node is in another cluster",
                logins,
                judging(survey, facts -> FormerCluster.judge(cluster, facts))));
        for (Network network : cluster.networks()) {
            out.add(overall(
                    "network." + network.name(),
                    "all nodes reach each other on network " + network.name() + " with " + network.mtu() + " bytes",
                    logins,
                    new NetworkPaths(cluster, network, nodes, survey)));
        }
        List<String> all = out.stream().map(Step::id).toList();
        out.add(alone(Step.of(LAST, "", "the nodes can be formed into a cluster", (Step.Check)
                        () -> Finding.done("nothing stands in the way"))
                .after(all)));
        return List.copyOf(out);
    }

    /** What all nodes said, judged. */
    @FunctionalInterface
    private interface Judgement {
        Finding of(Map<String, NodeFacts> facts);
    }

    private static Step.Check judging(Survey survey, Judgement judgement) {
        return () -> judgement.of(survey.all());
    }

    private static Step perNode(String what, Node node, String description, String login, Step.Check check) {
        String id = PREFIX + what + "." + node.name();
        return alone(Step.of(id, node.name(), description, check)).after(login).acceptableAs(id);
    }

    private static Step overall(String what, String description, List<String> logins, Step.Work work) {
        String id = PREFIX + what;
        return alone(Step.of(id, "", description, work)).after(logins).acceptableAs(id);
    }

    /** Steps that only look need no node to themselves. */
    private static Step alone(Step step) {
        return step.occupying(Set.of(step.id()));
    }
}
