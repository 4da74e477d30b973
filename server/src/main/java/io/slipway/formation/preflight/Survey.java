package io.slipway.formation.preflight;

import io.slipway.formation.Nodes;
import io.slipway.formation.SideBySide;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.problem.ProblemException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes say of themselves, asked once for all steps that look at about the same time. A step that looks again
 * later gets a new answer, so something that is put right meanwhile is seen.
 */
final class Survey {
    private final Cluster cluster;
    private final Nodes nodes;
    private final InstantSource clock;
    private final Duration fresh;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    /**
     * @param clock the appliance's
     * @param fresh how old an answer may be
     */
    Survey(Cluster cluster, Nodes nodes, InstantSource clock, Duration fresh) {
        this.cluster = cluster;
        this.nodes = nodes;
        this.clock = clock;
        this.fresh = fresh;
    }

    /** The nodes' names in the order of cluster.yaml. */
    List<String> names() {
        return cluster.nodes().stream().map(Node::name).toList();
    }

    /**
     * @throws ProblemException if the node cannot be asked
     */
    NodeFacts of(String node) throws InterruptedException {
        return entries.computeIfAbsent(node, name -> new Entry(cluster.getNode(name)))
                .facts();
    }

    /**
     * All nodes, by name, in the order of cluster.yaml.
     *
     * @throws ProblemException with what went wrong on each node that cannot be asked
     */
    Map<String, NodeFacts> all() throws InterruptedException {
        return new LinkedHashMap<>(SideBySide.ask(names(), this::of));
    }

    /** One node. Who comes while it is being asked waits for the same answer. */
    private final class Entry {
        private final Node node;
        private final ReentrantLock asking = new ReentrantLock();
        private @Nullable NodeFacts facts;
        private @Nullable ProblemException failure;
        private long answered;

        Entry(Node node) {
            this.node = node;
        }

        NodeFacts facts() throws InterruptedException {
            asking.lockInterruptibly();
            try {
                NodeFacts known = facts;
                if (known != null && isFresh()) {
                    return known;
                }
                // Who does not answer takes long about it: once is enough for all who ask.
                ProblemException failed = failure;
                if (failed != null && isFresh()) {
                    throw failed;
                }
                facts = null;
                failure = null;
                try {
                    NodeFacts seen = NodeFacts.of(cluster, node, nodes, clock);
                    facts = seen;
                    return seen;
                } catch (ProblemException now) {
                    failure = now;
                    throw now;
                } finally {
                    answered = System.nanoTime();
                }
            } finally {
                asking.unlock();
            }
        }

        private boolean isFresh() {
            return System.nanoTime() - answered < fresh.toNanos();
        }
    }
}
