package io.slipway.lifecycle;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a node: the fold over its events.
 *
 * @param node its name
 * @param phase where it is
 * @param since when it got there
 * @param heard when it was last heard from, or null for never
 * @param boot the last thing seen of it on the boot network, or null
 * @param arming what it may do once, or null
 * @param claim the claim of the last installation, or null; what it installed reports itself with the claim's session
 * @param rescue the last rescue shell since then, or null
 * @param progress how far the installer is, or null
 * @param reason why it failed or is quarantined, or why the last login failed; else empty
 * @param hostKeys pinned SSH host keys, {@code type base64}
 * @param callback the first-boot report, or null
 * @param alarms what a person should look at, the newest last, at most twenty
 */
public record NodeState(
        String node,
        NodePhase phase,
        Instant since,
        @Nullable Instant heard,
        @Nullable Boot boot,
        @Nullable Arming arming,
        @Nullable Claim claim,
        @Nullable Rescue rescue,
        @Nullable Progress progress,
        String reason,
        List<String> hostKeys,
        @Nullable Callback callback,
        List<Alarm> alarms) {
    private static final int ALARMS_KEPT = 20;

    public NodeState {
        hostKeys = List.copyOf(hostKeys);
        alarms = List.copyOf(alarms);
    }

    /** What a machine did last on the boot network. */
    public record Boot(BootStep step, String address, Instant at) {}

    /**
     * @param fetcher the address that fetched the script with the token, or empty
     * @param before the phase to return to when it ends unused
     */
    public record Arming(BootMode mode, String token, String image, Instant until, String fetcher, NodePhase before) {
        @Override
        public String toString() {
            return "Arming[" + mode.text() + ", until=" + until + ", fetcher=" + fetcher + "]";
        }
    }

    /** A granted claim, or one that waits for approval. */
    public record Claim(
            BootMode mode, String token, String image, String nonce, String address, String session, boolean approved) {
        /** What the operator compares with the node's screen. */
        public String fingerprint() {
            return ClaimPolicy.fingerprint(nonce);
        }

        @Override
        public String toString() {
            return "Claim[" + mode.text() + ", address=" + address + ", approved=" + approved + "]";
        }
    }

    /**
     * A rescue shell: an aside that leaves the installation's claim as it is.
     *
     * @param before the phase to return to when the machine starts from its disk again
     */
    public record Rescue(Claim claim, NodePhase before) {}

    /** How far the installer is. */
    public record Progress(long seq, InstallStage stage, int percent) {}

    /** The first-boot report. */
    public record Callback(Instant at, String address, List<String> report) {
        public Callback {
            report = List.copyOf(report);
        }
    }

    /** Something that a person should look at. */
    public record Alarm(Instant at, String text) {}

    /** A node of cluster.yaml that nothing was heard of. */
    public static NodeState known(String node, Instant at) {
        return new NodeState(
                node, NodePhase.KNOWN, at, null, null, null, null, null, null, "", List.of(), null, List.of());
    }

    /** Whether an operating system is on its disk that arming would erase, whatever is done with it now. */
    public boolean isInstalled() {
        return resting().isInstalled();
    }

    /** The phase without what was only meant to happen once and besides: an arming, a rescue shell. */
    NodePhase resting() {
        if (arming != null) {
            return arming.before();
        }
        return phase == NodePhase.RESCUE && rescue != null ? rescue.before() : phase;
    }

    /**
     * Digests of the images that the machine may still fetch from: what it is armed for, and what an installer or a
     * rescue shell was started from that has not ended.
     */
    public Set<String> neededImages() {
        var out = new TreeSet<String>();
        if (arming != null) {
            out.add(arming.image());
        }
        boolean installerMayRun = phase == NodePhase.AWAITING_APPROVAL
                || phase == NodePhase.INSTALLING
                // It may be thought lost, or somebody goes on by hand.
                || phase == NodePhase.FAILED;
        if (claim != null && installerMayRun) {
            out.add(claim.image());
        }
        if (rescue != null && phase == NodePhase.RESCUE) {
            out.add(rescue.claim().image());
        }
        return out;
    }

    NodeState to(NodePhase next, Instant at) {
        return phase == next
                ? this
                : new NodeState(
                        node, next, at, heard, boot, arming, claim, rescue, progress, reason, hostKeys, callback,
                        alarms);
    }

    NodeState heardAt(Instant at) {
        return new NodeState(
                node, phase, since, at, boot, arming, claim, rescue, progress, reason, hostKeys, callback, alarms);
    }

    NodeState withBoot(Boot next) {
        return new NodeState(
                node, phase, since, heard, next, arming, claim, rescue, progress, reason, hostKeys, callback, alarms);
    }

    NodeState withArming(@Nullable Arming next) {
        return new NodeState(
                node, phase, since, heard, boot, next, claim, rescue, progress, reason, hostKeys, callback, alarms);
    }

    NodeState withClaim(@Nullable Claim next) {
        return new NodeState(
                node, phase, since, heard, boot, arming, next, rescue, progress, reason, hostKeys, callback, alarms);
    }

    NodeState withRescue(@Nullable Rescue next) {
        return new NodeState(
                node, phase, since, heard, boot, arming, claim, next, progress, reason, hostKeys, callback, alarms);
    }

    NodeState withProgress(@Nullable Progress next) {
        return new NodeState(
                node, phase, since, heard, boot, arming, claim, rescue, next, reason, hostKeys, callback, alarms);
    }

    NodeState withReason(String next) {
        return new NodeState(
                node, phase, since, heard, boot, arming, claim, rescue, progress, next, hostKeys, callback, alarms);
    }

    NodeState withHostKeys(List<String> next) {
        return new NodeState(
                node, phase, since, heard, boot, arming, claim, rescue, progress, reason, next, callback, alarms);
    }

    NodeState withCallback(@Nullable Callback next) {
        return new NodeState(
                node, phase, since, heard, boot, arming, claim, rescue, progress, reason, hostKeys, next, alarms);
    }

    /** The same alarm twice in a row is one: a machine that retries must not push older ones out. */
    NodeState alarm(Instant at, String text) {
        if (!alarms.isEmpty() && alarms.get(alarms.size() - 1).text().equals(text)) {
            return this;
        }
        var next = new ArrayList<>(alarms);
        next.add(new Alarm(at, text));
        return new NodeState(
                node,
                phase,
                since,
                heard,
                boot,
                arming,
                claim,
                rescue,
                progress,
                reason,
                hostKeys,
                callback,
                next.subList(Math.max(0, next.size() - ALARMS_KEPT), next.size()));
    }
}
