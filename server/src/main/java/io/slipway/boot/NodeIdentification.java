package io.slipway.boot;

import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import java.util.List;
import java.util.Optional;

/** Which node asks: by hardware address, else by UUID, else by serial number. */
public final class NodeIdentification {
    private NodeIdentification() {}

    /**
     * The node, or empty for a machine that cluster.yaml does not name. A machine with a known address and the UUID or
     * serial number of another is nobody: a network card may have moved.
     */
    public static Optional<Node> identify(Cluster cluster, BootRequest request) {
        Optional<Node> byMac = cluster.nodes().stream()
                .filter(node ->
                        node.interfaces().stream().anyMatch(each -> each.mac().equals(request.mac())))
                .findFirst();
        if (byMac.isPresent()) {
            Node node = byMac.get();
            boolean contradicts = differs(node.uuid(), request.uuid()) || differs(node.serial(), request.serial());
            return contradicts ? Optional.empty() : byMac;
        }
        return one(cluster.nodes().stream()
                        .filter(node -> !node.uuid().isEmpty() && node.uuid().equals(request.uuid()))
                        .toList())
                .or(() -> one(cluster.nodes().stream()
                        .filter(node ->
                                !node.serial().isEmpty() && node.serial().equals(request.serial()))
                        .toList()));
    }

    /** Boards exist that all say the same UUID. */
    private static Optional<Node> one(List<Node> nodes) {
        return nodes.size() == 1 ? Optional.of(nodes.get(0)) : Optional.empty();
    }

    private static boolean differs(String planned, String said) {
        return !planned.isEmpty() && !said.isEmpty() && !planned.equals(said);
    }
}
