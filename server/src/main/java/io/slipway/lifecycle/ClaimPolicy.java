package io.slipway.lifecycle;

import io.slipway.inventory.Serve;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Who may install. A claim shows the arming's token and a nonce that the installer made for this boot. */
public final class ClaimPolicy {
    private ClaimPolicy() {}

    /**
     * @param token what the kernel command line said
     * @param nonce the installer's random number
     * @param address where the claim came from
     */
    public record ClaimRequest(String token, String nonce, String address) {}

    /** The answer, and what happened. */
    public record Decision(Answer answer, List<NodeEvent> events) {
        public Decision {
            events = List.copyOf(events);
        }
    }

    /** What the installer is told. */
    public sealed interface Answer {
        /** Go on. */
        record Granted(String session, String image, BootMode mode) implements Answer {}

        /** Ask again: a person must compare the fingerprint first. */
        record Wait(String fingerprint) implements Answer {}

        /** No; {@code reason} is a sentence for the node's screen. */
        record Refused(String reason) implements Answer {}
    }

    /**
     * Decides about a claim.
     *
     * @param freshSession a new secret, used if the claim is granted
     */
    public static Decision decide(
            NodeState state, ClaimRequest request, Serve.Enrolment enrolment, Instant now, String freshSession) {
        NodeState.Claim claim = state.claim();
        if (claim != null && same(claim.token(), request.token())) {
            return repeated(state, claim, request, now);
        }
        NodeState.Rescue rescue = state.rescue();
        if (rescue != null && same(rescue.claim().token(), request.token())) {
            return repeated(state, rescue.claim(), request, now);
        }
        if (state.phase() == NodePhase.QUARANTINED) {
            return refuse(state, request, now, "The node is quarantined: " + state.reason());
        }
        NodeState.Arming arming = state.arming();
        if (arming == null) {
            return refuse(state, request, now, "The node is not armed, or its arming is spent.");
        }
        if (!same(arming.token(), request.token())) {
            return refuse(state, request, now, "The token is not the one of this arming.");
        }
        if (!now.isBefore(arming.until())) {
            return refuse(state, request, now, "The arming ended at " + arming.until() + "; arm the node again.");
        }
        if (!arming.fetcher().equals(request.address())) {
            return refuse(
                    state,
                    request,
                    now,
                    arming.fetcher().isEmpty()
                            ? "Nobody fetched the boot script of this arming."
                            : "The boot script was fetched from " + arming.fetcher() + ", the claim comes from "
                                    + request.address() + ".");
        }
        boolean approved = enrolment == Serve.Enrolment.AUTOMATIC || arming.mode() == BootMode.RESCUE;
        var event =
                new NodeEvent.Claimed(now, state.node(), request.nonce(), request.address(), freshSession, approved);
        return new Decision(
                approved
                        ? new Answer.Granted(freshSession, arming.image(), arming.mode())
                        : new Answer.Wait(fingerprint(request.nonce())),
                List.of(event));
    }

    private static Decision repeated(NodeState state, NodeState.Claim claim, ClaimRequest request, Instant now) {
        if (!same(claim.nonce(), request.nonce())) {
            return new Decision(
                    new Answer.Refused("Another installer has claimed this node already. The node is quarantined; look"
                            + " at both machines, then arm it again."),
                    List.of(new NodeEvent.DoubleClaimed(now, state.node(), request.address())));
        }
        if (!claim.address().equals(request.address())) {
            return refuse(
                    state,
                    request,
                    now,
                    "The claim was made from " + claim.address() + " and is repeated from " + request.address() + ".");
        }
        return new Decision(
                claim.approved()
                        ? new Answer.Granted(claim.session(), claim.image(), claim.mode())
                        : new Answer.Wait(claim.fingerprint()),
                List.of());
    }

    private static Decision refuse(NodeState state, ClaimRequest request, Instant now, String reason) {
        return new Decision(
                new Answer.Refused(reason),
                List.of(new NodeEvent.ClaimRefused(now, state.node(), request.address(), reason)));
    }

    /** Takes equally long wherever the difference is. */
    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    /** Ten hexadecimal digits of the nonce's SHA-256 in two groups, short enough to compare by eye. */
    public static String fingerprint(String nonce) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(nonce.getBytes(StandardCharsets.US_ASCII));
            String text = HexFormat.of().formatHex(digest, 0, 5).toUpperCase(Locale.ROOT);
            return text.substring(0, 5) + "-" + text.substring(5);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
