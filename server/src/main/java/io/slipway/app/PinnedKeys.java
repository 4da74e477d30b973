package io.slipway.app;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.lifecycle.NodeState;
import io.slipway.lifecycle.journal.EventJournal;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The host keys that nodes reported when they were installed. A running appliance is asked; while none runs its event log is
 * read.
 */
public final class PinnedKeys {
    private PinnedKeys() {}

    /** By node, {@code type base64}; a node that was never installed has none. */
    public static Map<String, List<String>> of(Cluster cluster, Path state) {
        var out = new LinkedHashMap<String, List<String>>();
        try {
            ApplianceClient appliance = ApplianceClient.open(state);
            for (Node node : cluster.nodes()) {
                var keys = new ArrayList<String>();
                appliance.node(node.name()).path("hostKeys").forEach(key -> keys.add(key.asText()));
                out.put(node.name(), keys);
            }
            return out;
        } catch (ProblemException e) {
            if (e.kind() != ProblemKind.UNREACHABLE) {
                throw e;
            }
        }
        out.clear();
        Path log = state.resolve(Appliance.EVENT_LOG);
        if (Files.exists(log)) {
            try (var journal = EventJournal.open(log)) {
                for (Node node : cluster.nodes()) {
                    NodeState known = journal.findState(node.name());
                    out.put(node.name(), known == null ? List.of() : known.hostKeys());
                }
            }
        }
        return out;
    }
}
