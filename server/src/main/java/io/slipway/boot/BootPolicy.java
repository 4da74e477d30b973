package io.slipway.boot;

import io.slipway.lifecycle.BootMode;
import io.slipway.lifecycle.NodeState;
import java.time.Instant;
import java.util.Optional;

/**
 * The table that decides what a machine does. Only a row with an arming that has neither ended nor been fetched by another
 * address starts an installer; everything else ends at the local disk.
 */
public final class BootPolicy {
    private BootPolicy() {}

    /**
     * Decides.
     *
     * @param state the node's state, or empty for a machine that cluster.yaml does not name
     * @param currentImage whether the image that was armed is still served
     */
    public static BootDecision decide(
            Optional<NodeState> state, BootRequest request, Instant now, boolean currentImage) {
        if (state.isEmpty()) {
            return new BootDecision.Menu("", "This machine is not in cluster.yaml. It is listed by: slipway node list");
        }
        NodeState node = state.get();
        String name = node.node();
        NodeState.Arming arming = node.arming();
        if (arming != null) {
            return armed(name, arming, request, now, currentImage);
        }
        return switch (node.phase()) {
            case DISCOVERED, KNOWN, ARMED, BOOTING ->
                new BootDecision.Menu(name, "Node " + name + " is known and not armed: nothing is installed.");
            case AWAITING_APPROVAL, INSTALLING ->
                new BootDecision.LocalDisk(
                        name, "The installation of " + name + " was interrupted. It is not started again by itself.");
            case INSTALLED, FIRST_BOOT, READY, FORMING, MEMBER, LEAVING ->
                new BootDecision.LocalDisk(name, "Node " + name + " is installed.");
            case FAILED ->
                new BootDecision.Menu(
                        name, "The installation of " + name + " failed. It is not started again by itself.");
            case RESCUE -> new BootDecision.LocalDisk(name, "The rescue of " + name + " has ended.");
            case QUARANTINED ->
                new BootDecision.Quarantined(name, "Node " + name + " is quarantined: two machines claimed to be it.");
            case REMOVED -> new BootDecision.Menu(name, "Node " + name + " was removed from the cluster.");
        };
    }

    private static BootDecision armed(
            String name, NodeState.Arming arming, BootRequest request, Instant now, boolean currentImage) {
        if (!now.isBefore(arming.until())) {
            return new BootDecision.Menu(name, "The arming of " + name + " has ended. Arm it again.");
        }
        if (!arming.fetcher().isEmpty() && !arming.fetcher().equals(request.address())) {
            return new BootDecision.Quarantined(
                    name, "Another machine (" + arming.fetcher() + ") has fetched the script of " + name + ".");
        }
        if (!currentImage) {
            return new BootDecision.Menu(
                    name, "The image that " + name + " was armed for is no longer there. Arm it again.");
        }
        if (arming.mode() == BootMode.INSTALL
                && !request.architecture().isEmpty()
                && !request.architecture().equals("x86_64")
                && !request.architecture().equals("i386")) {
            return new BootDecision.Menu(
                    name, "This machine is of architecture " + request.architecture() + ", the image is for x86_64.");
        }
        return new BootDecision.Start(name, arming.mode(), arming.token(), arming.image());
    }
}
