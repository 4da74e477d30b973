package io.slipway.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What a node waits for, and what to think of one that has been silent for too long. */
public final class Silence {
    private Silence() {}

    /** What is expected next. */
    public static String waitsFor(NodeState state) {
        return switch (state.phase()) {
            case DISCOVERED -> "a name in cluster.yaml";
            case KNOWN -> "slipway node arm " + state.node();
            case ARMED -> "the machine to be switched on and boot from the network";
            case BOOTING -> {
                NodeState.Boot boot = state.boot();
                yield boot == null
                        ? "its boot script"
                        : switch (boot.step()) {
                            case DHCP -> "the request for iPXE";
                            case LOADER -> "the request for its boot script";
                            case SCRIPT -> "the kernel";
                            case KERNEL -> "the initrd";
                            case INITRD -> "the installer's claim";
                        };
            }
            case AWAITING_APPROVAL -> {
                NodeState.Claim claim = state.claim();
                yield "slipway node approve " + state.node()
                        + (claim == null ? "" : ", if its screen shows " + claim.fingerprint());
            }
            case INSTALLING -> "the installer";
            case INSTALLED -> "its restart";
            case FIRST_BOOT -> state.callback() == null ? "its first-boot report" : "a login with its pinned host key";
            case READY -> "formation";
            case FORMING -> "the running formation step";
            case MEMBER, REMOVED -> "";
            case FAILED -> "somebody to look, then slipway node arm " + state.node();
            case RESCUE -> "somebody to finish and restart it";
            case QUARANTINED -> "somebody to look, then slipway node disarm " + state.node();
            case LEAVING -> "its removal";
        };
    }

    /** How long a phase may be silent, or empty where silence means nothing. */
    static Optional<Duration> patience(NodeState state) {
        return switch (state.phase()) {
            case ARMED -> Optional.of(Duration.ofMinutes(10));
            case BOOTING -> {
                NodeState.Boot boot = state.boot();
                yield Optional.of(Duration.ofSeconds(
                        boot == null || boot.step().compareTo(BootStep.KERNEL) < 0
                                ? 60
                                : boot.step() == BootStep.KERNEL ? 180 : 240));
            }
            case INSTALLING -> Optional.of(Duration.ofMinutes(5));
            case INSTALLED -> Optional.of(Duration.ofMinutes(5));
            case FIRST_BOOT -> Optional.of(Duration.ofMinutes(state.callback() == null ? 10 : 5));
            case AWAITING_APPROVAL, LEAVING, FORMING -> Optional.of(Duration.ofMinutes(30));
            case DISCOVERED, KNOWN, READY, MEMBER, FAILED, RESCUE, QUARANTINED, REMOVED -> Optional.empty();
        };
    }

    /** A sentence that says what the node was doing and what to check, once its time is over. */
    public static Optional<String> explain(NodeState state, Instant now) {
        Instant heard = state.heard();
        Instant last = heard == null || heard.isBefore(state.since()) ? state.since() : heard;
        return patience(state)
                .filter(limit -> Duration.between(last, now).compareTo(limit) > 0)
                .map(limit -> "Silent for " + text(Duration.between(last, now)) + ". " + thought(state));
    }

    private static String thought(NodeState state) {
        return switch (state.phase()) {
            case ARMED ->
                "Armed, but it never asked for DHCP: check that it is switched on, that the network is first in its boot"
                        + " order, and that its boot interface is on this network.";
            case BOOTING -> {
                NodeState.Boot boot = state.boot();
                yield boot == null ? "It never asked for its script." : bootThought(boot);
            }
            case AWAITING_APPROVAL -> "Its installer waits for approval; compare the fingerprint and approve it.";
            case INSTALLING -> {
                NodeState.Progress progress = state.progress();
                yield "The installer stopped reporting"
                        + (progress == null
                                ? " right after its claim"
                                : " at stage " + progress.stage().text() + ", " + progress.percent() + " %")
                        + ": look at its console; it may have lost the network or hang on a disk.";
            }
            case INSTALLED ->
                "Installed, but it never asked for its boot script again: if its firmware does not try the network"
                        + " first this is harmless, otherwise it did not restart.";
            case FIRST_BOOT ->
                state.callback() == null
                        ? "It was sent to its own disk but its first-boot report never came: look at its console; it may not"
                                + " find its disk, or its network may be configured wrongly."
                        : "Its report came, but no login works"
                                + (state.reason().isEmpty() ? "." : ": " + state.reason());
            case FORMING -> "Formation has not finished with it.";
            case LEAVING -> "Its removal has not finished.";
            case DISCOVERED, KNOWN, READY, MEMBER, FAILED, RESCUE, QUARANTINED, REMOVED -> "";
        };
    }

    private static String bootThought(NodeState.Boot boot) {
        return switch (boot.step()) {
            case DHCP ->
                "It asked for DHCP but never for iPXE: check that a DHCP server gives it an address, that UDP 69 and 4011 are"
                        + " not filtered, and that its firmware may boot from the network.";
            case LOADER ->
                "It fetched iPXE but never its script: check that TCP to the boot port is not filtered, and that its network"
                        + " card works with this iPXE.";
            case SCRIPT -> "It has its script but never fetched the kernel: look at what its screen says.";
            case KERNEL ->
                "It fetched the kernel but never the initrd: look at what its screen says; memory may be short.";
            case INITRD ->
                "It fetched kernel and initrd, but the installer never claimed: the kernel may not start, it may have ignored"
                        + " our part of the initrd, or the installer has no driver for its network card.";
        };
    }

    private static String text(Duration duration) {
        long seconds = duration.toSeconds();
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }
}
