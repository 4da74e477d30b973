package io.slipway.lifecycle;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From one state to the next. Total: every event is applied to every state and nothing throws. Idempotent: the same event
 * twice changes nothing the second time. An event that cannot happen in a state changes nothing and says why.
 */
public final class NodeLifecycle {
    private static final Set<NodePhase> INSTALLER_MAY_RUN = EnumSet.of(NodePhase.INSTALLING, NodePhase.FAILED);

    private NodeLifecycle() {}

    /**
     * @param state the state afterwards
     * @param impossible why the event cannot have happened, or empty
     */
    public record Applied(NodeState state, String impossible) {}

    /** The state after an event. */
    public static Applied apply(NodeState state, NodeEvent event) {
        if (!event.node().equals(state.node())) {
            return new Applied(state, "it is about " + event.node() + ", not " + state.node());
        }
        Optional<NodeState> next = next(state, event);
        return next.map(after -> new Applied(after, ""))
                .orElseGet(() -> new Applied(
                        state,
                        event.getClass().getSimpleName() + " cannot happen while "
                                + state.phase().text()));
    }

    private static Optional<NodeState> next(NodeState state, NodeEvent event) {
        Instant at = event.at();
        NodePhase phase = state.phase();
        if (event instanceof NodeEvent.Defined) {
            boolean returns = phase == NodePhase.DISCOVERED || phase == NodePhase.REMOVED;
            return Optional.of(returns ? NodeState.known(state.node(), at) : state);
        }
        if (event instanceof NodeEvent.Armed armed) {
            return arm(state, armed);
        }
        if (event instanceof NodeEvent.Disarmed) {
            return disarm(state, at);
        }
        if (event instanceof NodeEvent.Seen seen) {
            var after = state.heardAt(at).withBoot(new NodeState.Boot(seen.step(), seen.address(), at));
            return Optional.of(phase == NodePhase.ARMED ? after.to(NodePhase.BOOTING, at) : after);
        }
        if (event instanceof NodeEvent.ScriptServed served) {
            return scriptServed(state, served);
        }
        if (event instanceof NodeEvent.SecondFetcher second) {
            NodeState.Arming arming = state.arming();
            return arming == null
                    ? Optional.empty()
                    : Optional.of(state.alarm(
                            at,
                            second.address() + " asked for the boot script that " + arming.fetcher()
                                    + " had fetched. If the machine only got a new address, disarm and arm it again; "
                                    + "otherwise somebody else uses its MAC address."));
        }
        if (event instanceof NodeEvent.SentToDisk) {
            return Optional.of(sentToDisk(state, at));
        }
        if (event instanceof NodeEvent.Claimed claimed) {
            return claim(state, claimed);
        }
        if (event instanceof NodeEvent.DoubleClaimed twice) {
            String why = "A second installer (" + twice.address() + ") showed the token that the first had spent.";
            return state.claim() == null && state.rescue() == null
                    ? Optional.empty()
                    : Optional.of(state.to(NodePhase.QUARANTINED, at)
                            .withReason(why)
                            .withClaim(null)
                            .withRescue(null)
                            .withArming(null)
                            .alarm(at, why));
        }
        if (event instanceof NodeEvent.ClaimRefused refused) {
            return Optional.of(
                    state.alarm(at, "A claim from " + refused.address() + " was refused: " + refused.reason()));
        }
        if (event instanceof NodeEvent.Approved) {
            NodeState.Claim claim = state.claim();
            if (claim == null || (phase != NodePhase.AWAITING_APPROVAL && !claim.approved())) {
                return Optional.empty();
            }
            return Optional.of(claim.approved() ? state : begin(state.withClaim(approve(claim)), at));
        }
        return nextOfInstallation(state, event);
    }

    private static Optional<NodeState> nextOfInstallation(NodeState state, NodeEvent event) {
        Instant at = event.at();
        NodePhase phase = state.phase();
        if (event instanceof NodeEvent.Progress progress) {
            NodeState.Progress old = state.progress();
            if (!installs(state)) {
                return Optional.empty();
            }
            if (old != null && progress.seq() <= old.seq()) {
                return Optional.of(state);
            }
            // A node that was thought lost and speaks again is not lost.
            return Optional.of(state.to(NodePhase.INSTALLING, at)
                    .withReason("")
                    .heardAt(at)
                    .withProgress(new NodeState.Progress(progress.seq(), progress.stage(), progress.percent())));
        }
        if (event instanceof NodeEvent.HostKeys keys) {
            return reportsKeys(state) ? Optional.of(state.withHostKeys(keys.keys())) : Optional.empty();
        }
        if (event instanceof NodeEvent.Installed) {
            if (phase.isInstalled()) {
                return Optional.of(state);
            }
            return !installs(state)
                    ? Optional.empty()
                    : Optional.of(
                            state.to(NodePhase.INSTALLED, at).withReason("").heardAt(at));
        }
        if (event instanceof NodeEvent.Failed failed) {
            if (phase == NodePhase.RESCUE) {
                // The shell on its console is there all the same, and what is installed did not fail.
                return Optional.of(state.alarm(at, "The rescue shell has no SSH: " + failed.reason()));
            }
            return phase == NodePhase.QUARANTINED || phase == NodePhase.REMOVED || phase == NodePhase.DISCOVERED
                    ? Optional.empty()
                    : Optional.of(
                            state.to(NodePhase.FAILED, at).withArming(null).withReason(failed.reason()));
        }
        if (event instanceof NodeEvent.CalledBack back) {
            if (state.claim() == null || phase == NodePhase.QUARANTINED || phase == NodePhase.REMOVED) {
                return Optional.empty();
            }
            if (state.callback() != null) {
                return Optional.of(state);
            }
            var after = state.heardAt(at)
                    .withReason("")
                    .withCallback(new NodeState.Callback(at, back.address(), back.report()));
            // A node that reports itself has started, whatever was thought of it.
            boolean installing = phase == NodePhase.INSTALLING
                    || phase == NodePhase.INSTALLED
                    || phase == NodePhase.FIRST_BOOT
                    || phase == NodePhase.FAILED
                    || phase == NodePhase.RESCUE;
            return Optional.of(installing ? after.to(NodePhase.FIRST_BOOT, at) : after);
        }
        if (event instanceof NodeEvent.LoginWorked) {
            if (state.callback() == null) {
                return Optional.empty();
            }
            return Optional.of(
                    phase == NodePhase.FIRST_BOOT
                            ? state.to(NodePhase.READY, at).withReason("").heardAt(at)
                            : state.heardAt(at));
        }
        if (event instanceof NodeEvent.LoginFailed failed) {
            return phase == NodePhase.FIRST_BOOT ? Optional.of(state.withReason(failed.reason())) : Optional.empty();
        }
        if (event instanceof NodeEvent.FormationStarted) {
            return move(state, at, NodePhase.FORMING, NodePhase.READY, NodePhase.FORMING);
        }
        if (event instanceof NodeEvent.Joined) {
            return move(state, at, NodePhase.MEMBER, NodePhase.FORMING, NodePhase.READY, NodePhase.MEMBER);
        }
        if (event instanceof NodeEvent.LeaveStarted) {
            return move(state, at, NodePhase.LEAVING, NodePhase.MEMBER, NodePhase.FORMING, NodePhase.LEAVING);
        }
        if (event instanceof NodeEvent.Removed) {
            return Optional.of(state.to(NodePhase.REMOVED, at)
                    .withArming(null)
                    .withClaim(null)
                    .withRescue(null)
                    .withHostKeys(java.util.List.of()));
        }
        return Optional.empty();
    }

    private static boolean installs(NodeState state) {
        NodeState.Claim claim = state.claim();
        return claim != null && claim.approved() && INSTALLER_MAY_RUN.contains(state.phase());
    }

    /** While it installs; later only where the installer's report was lost, and never over a key that is pinned. */
    private static boolean reportsKeys(NodeState state) {
        NodeState.Claim claim = state.claim();
        boolean late = claim != null
                && claim.approved()
                && state.callback() == null
                && (state.phase() == NodePhase.INSTALLED || state.phase() == NodePhase.FIRST_BOOT);
        return installs(state) || (late && state.hostKeys().isEmpty());
    }

    private static Optional<NodeState> move(NodeState state, Instant at, NodePhase to, NodePhase... from) {
        return Set.of(from).contains(state.phase()) ? Optional.of(state.to(to, at)) : Optional.empty();
    }

    private static Optional<NodeState> arm(NodeState state, NodeEvent.Armed armed) {
        NodeState.Arming old = state.arming();
        if (old != null && old.token().equals(armed.token())) {
            return Optional.of(state);
        }
        NodeState.Claim spent = state.claim();
        NodeState.Rescue rescue = state.rescue();
        if (state.phase() == NodePhase.REMOVED
                || state.phase() == NodePhase.DISCOVERED
                || (spent != null && spent.token().equals(armed.token()))
                || (rescue != null && rescue.claim().token().equals(armed.token()))) {
            return Optional.empty();
        }
        return Optional.of(state.to(NodePhase.ARMED, armed.at())
                .withReason(armed.mode() == BootMode.RESCUE ? state.reason() : "")
                .withArming(new NodeState.Arming(
                        armed.mode(), armed.token(), armed.image(), armed.until(), "", state.resting())));
    }

    private static Optional<NodeState> disarm(NodeState state, Instant at) {
        NodeState.Arming arming = state.arming();
        if (arming != null) {
            NodePhase back = switch (arming.before()) {
                case QUARANTINED, FAILED, RESCUE, INSTALLING, AWAITING_APPROVAL, ARMED, BOOTING -> NodePhase.KNOWN;
                case DISCOVERED, KNOWN, INSTALLED, FIRST_BOOT, READY, FORMING, MEMBER, LEAVING, REMOVED ->
                    arming.before();
            };
            return Optional.of(state.withArming(null).to(started(state, back), at));
        }
        return switch (state.phase()) {
            case QUARANTINED, FAILED, AWAITING_APPROVAL ->
                Optional.of(state.withReason("").withClaim(null).to(NodePhase.KNOWN, at));
            case RESCUE -> {
                NodeState ended = endRescue(state, at);
                yield ended.phase() == NodePhase.FAILED ? disarm(ended, at) : Optional.of(ended);
            }
            default -> Optional.of(state);
        };
    }

    /** Back to what the rescue shell interrupted; an installation or a wait for approval ended with the restart. */
    private static NodeState endRescue(NodeState state, Instant at) {
        NodePhase back = switch (state.resting()) {
            case RESCUE, INSTALLING, AWAITING_APPROVAL, QUARANTINED, ARMED, BOOTING -> NodePhase.KNOWN;
            case DISCOVERED, KNOWN, INSTALLED, FIRST_BOOT, READY, FORMING, MEMBER, FAILED, LEAVING, REMOVED ->
                state.resting();
        };
        return state.to(started(state, back), at);
    }

    /** What has reported itself has started, also where its start was not seen. */
    private static NodePhase started(NodeState state, NodePhase phase) {
        return phase == NodePhase.INSTALLED && state.callback() != null ? NodePhase.FIRST_BOOT : phase;
    }

    private static Optional<NodeState> scriptServed(NodeState state, NodeEvent.ScriptServed served) {
        NodeState.Arming arming = state.arming();
        if (arming == null || !(arming.fetcher().isEmpty() || arming.fetcher().equals(served.address()))) {
            return Optional.empty();
        }
        return Optional.of(state.to(NodePhase.BOOTING, served.at())
                .heardAt(served.at())
                .withBoot(new NodeState.Boot(BootStep.SCRIPT, served.address(), served.at()))
                .withArming(new NodeState.Arming(
                        arming.mode(),
                        arming.token(),
                        arming.image(),
                        arming.until(),
                        served.address(),
                        arming.before())));
    }

    private static NodeState sentToDisk(NodeState state, Instant at) {
        NodeState.Boot boot = state.boot();
        NodeState after =
                state.heardAt(at).withBoot(new NodeState.Boot(BootStep.SCRIPT, boot == null ? "" : boot.address(), at));
        return switch (state.phase()) {
            case INSTALLED -> after.to(NodePhase.FIRST_BOOT, at);
            case INSTALLING, AWAITING_APPROVAL -> {
                NodeState.Progress progress = state.progress();
                yield after.to(NodePhase.FAILED, at)
                        .withReason("The machine restarted during the installation"
                                + (progress == null
                                        ? ""
                                        : ", at stage " + progress.stage().text() + ", " + progress.percent() + " %")
                                + ". Look at its last log lines, then arm it again.");
            }
            case RESCUE -> {
                NodeState ended = endRescue(after, at);
                yield ended.phase() == NodePhase.INSTALLED ? ended.to(NodePhase.FIRST_BOOT, at) : ended;
            }
            default -> after;
        };
    }

    private static Optional<NodeState> claim(NodeState state, NodeEvent.Claimed claimed) {
        NodeState.Rescue rescue = state.rescue();
        if (isClaim(state.claim(), claimed) || (rescue != null && isClaim(rescue.claim(), claimed))) {
            return Optional.of(state);
        }
        NodeState.Arming arming = state.arming();
        if (arming == null) {
            return Optional.empty();
        }
        var claim = new NodeState.Claim(
                arming.mode(),
                arming.token(),
                arming.image(),
                claimed.nonce(),
                claimed.address(),
                claimed.session(),
                claimed.approved());
        NodeState after = state.heardAt(claimed.at()).withArming(null);
        if (claim.mode() == BootMode.RESCUE) {
            return Optional.of(after.withRescue(new NodeState.Rescue(claim, arming.before()))
                    .to(NodePhase.RESCUE, claimed.at()));
        }
        after = after.withClaim(claim).withRescue(null);
        return Optional.of(
                claimed.approved() ? begin(after, claimed.at()) : after.to(NodePhase.AWAITING_APPROVAL, claimed.at()));
    }

    private static boolean isClaim(NodeState.@Nullable Claim old, NodeEvent.Claimed claimed) {
        return old != null
                && old.nonce().equals(claimed.nonce())
                && old.session().equals(claimed.session());
    }

    /** An installation makes new host keys and a new report. */
    private static NodeState begin(NodeState state, Instant at) {
        return state.to(NodePhase.INSTALLING, at)
                .withProgress(null)
                .withHostKeys(java.util.List.of())
                .withCallback(null);
    }

    private static NodeState.Claim approve(NodeState.Claim claim) {
        return new NodeState.Claim(
                claim.mode(), claim.token(), claim.image(), claim.nonce(), claim.address(), claim.session(), true);
    }
}
