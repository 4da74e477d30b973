package io.slipway.formation.preflight;

import io.slipway.formation.Nodes;
import io.slipway.formation.Recent;
import io.slipway.formation.SideBySide;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.problem.ProblemException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the nodes say of themselves, asked once for all steps that look at about the same time. A step that looks again
 * later gets a new answer, so something that is put right meanwhile is seen.
 */
final class Survey {
    private final Cluster cluster;
    private final Recent<NodeFacts> facts;

    /**
     * @param clock the appliance's
     * @param fresh how old an answer may be
     */
    Survey(Cluster cluster, Nodes nodes, InstantSource clock, Duration fresh) {
        this.cluster = cluster;
        this.facts = new Recent<>(fresh, node -> NodeFacts.of(cluster, cluster.getNode(node), nodes, clock));
    }

    /** The nodes' names in the order of cluster.yaml. */
    List<String> names() {
        return cluster.nodes().stream().map(Node::name).toList();
    }

    /**
     * @throws ProblemException if the node cannot be asked
     */
    NodeFacts of(String node) throws InterruptedException {
        return facts.of(node);
    }

    /**
     * All nodes, by name, in the order of cluster.yaml.
     *
     * @throws ProblemException with what went wrong on each node that cannot be asked
     */
    Map<String, NodeFacts> all() throws InterruptedException {
        return new LinkedHashMap<>(SideBySide.ask(names(), this::of));
    }
}
