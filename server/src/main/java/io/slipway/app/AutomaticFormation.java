package io.slipway.app;

import io.slipway.formation.FormationEvent;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationRunner;
import io.slipway.inventory.Cluster;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.lifecycle.NodePhase;
import io.slipway.lifecycle.NodeState;
import io.slipway.netboot.NodeRegistry;
import io.slipway.problem.ProblemException;
import io.slipway.store.StateLock;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forms the cluster when its last node has become ready. One that fails is not tried again before a node has changed: what
 * went wrong wants a person.
 */
final class AutomaticFormation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AutomaticFormation.class);
    private static final long LETTING_GO_MILLIS = 30_000;

    /** Forms the cluster of nodes with these host keys, by node; tidies up when the thread is interrupted. */
    @FunctionalInterface
    interface Former {
        FormationReport form(Map<String, List<String>> hostKeys, Consumer<FormationEvent> listener);
    }

    private final Former former;
    private final Path state;
    private final NodeRegistry registry;
    private @Nullable Thread running;
    /** The nodes as they were when it was tried last. */
    private List<String> tried = List.of();

    private volatile String text = "";

    /** The real one: over SSH, everything that cluster.yaml wants. */
    static AutomaticFormation of(Cluster cluster, Path state, NodeRegistry registry) {
        return new AutomaticFormation(state, registry, (hostKeys, listener) -> {
            try (var formation = ClusterFormation.open(cluster, state, hostKeys)) {
                FormationReport report =
                        new FormationRunner(listener, InstantSource.system()).run(formation.plan(null), Set.of());
                boolean interrupted = Thread.interrupted();
                formation.tidyUp(report);
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return report;
            }
        });
    }

    AutomaticFormation(Path state, NodeRegistry registry, Former former) {
        this.state = state;
        this.registry = registry;
        this.former = former;
    }

    /** What it is doing or how it ended, for people; "" before it began. */
    String text() {
        return text;
    }

    /** Begins if all nodes are there, some are not members yet, and it was not tried with them as they are. */
    synchronized void look() {
        List<NodeState> nodes = registry.listStates();
        List<String> now = nodes.stream()
                .map(node -> node.node() + " "
                        + (node.callback() == null ? "" : node.callback().at()))
                .toList();
        if ((running != null && running.isAlive()) || now.equals(tried) || !isDue(nodes)) {
            return;
        }
        tried = now;
        running = new Thread(this::form, "slipway-formation");
        running.setDaemon(true);
        running.start();
    }

    static boolean isDue(List<NodeState> nodes) {
        return nodes.stream()
                        .allMatch(node -> Set.of(NodePhase.READY, NodePhase.FORMING, NodePhase.MEMBER)
                                .contains(node.phase()))
                && nodes.stream().anyMatch(node -> node.phase() != NodePhase.MEMBER);
    }

    private void form() {
        try {
            StateLock lock = StateLock.acquire(state, "form", "slipway serve, which forms the cluster");
            try {
                List<NodeState> nodes = registry.listStates();
                nodes.forEach(node ->
                        registry.record(node.node(), new NodeEvent.FormationStarted(registry.now(), node.node())));
                text = "in progress";
                report(former.form(hostKeys(nodes), this::hear));
            } finally {
                lock.close();
            }
        } catch (ProblemException failure) {
            text = "not begun: " + failure.getMessage();
            LOG.error("formation {}", text);
        } catch (RuntimeException fault) {
            text = "ended by a fault of Slipway: " + fault;
            LOG.error("formation {}", text, fault);
        }
    }

    private void hear(FormationEvent event) {
        text = "in progress: " + event.step().id();
        LOG.info("formation: {} {}: {}", event.step().id(), event.word(), event.text());
    }

    private void report(FormationReport report) {
        if (report.succeeded()) {
            registry.listStates()
                    .forEach(node -> registry.record(node.node(), new NodeEvent.Joined(registry.now(), node.node())));
            text = "done";
            LOG.info("formation: done in {} s", report.took().toSeconds());
        } else {
            text = report.interrupted()
                    ? "interrupted; slipway form goes on"
                    : "failed: "
                            + (report.problems().isEmpty()
                                    ? ""
                                    : report.problems().get(0).summary()) + " Then run: slipway form";
            report.problems().forEach(problem -> LOG.error("formation: {}", problem.text()));
        }
    }

    private static Map<String, List<String>> hostKeys(List<NodeState> nodes) {
        var out = new LinkedHashMap<String, List<String>>();
        nodes.forEach(node -> out.put(node.node(), node.hostKeys()));
        return out;
    }

    @Override
    public void close() {
        Thread thread;
        synchronized (this) {
            thread = running;
        }
        if (thread == null) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(LETTING_GO_MILLIS);
        } catch (InterruptedException again) {
            Thread.currentThread().interrupt();
        }
    }
}
