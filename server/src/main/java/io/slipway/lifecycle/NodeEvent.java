package io.slipway.lifecycle;

import java.time.Instant;
import java.util.List;

/** Something that happened to a node. */
public sealed interface NodeEvent {
    Instant at();

    String node();

    /** Whether losing it in a power failure would change what the appliance does; progress may be lost. */
    default boolean isDurable() {
        return true;
    }

    /** cluster.yaml names the node. */
    record Defined(Instant at, String node) implements NodeEvent {}

    /**
     * A person allows one installation or one rescue shell.
     *
     * @param mode which of the two
     * @param token the single-use secret that the boot script carries, 64 hexadecimal digits
     * @param image digest of the image
     * @param until when it ends by itself
     */
    record Armed(Instant at, String node, BootMode mode, String token, String image, Instant until)
            implements NodeEvent {
        @Override
        public String toString() {
            return "Armed[" + mode.text() + ", image=" + image + ", until=" + until + "]";
        }
    }

    /**
     * The arming ends unused, or a quarantine or a failure is cleared.
     *
     * @param reason why, a sentence
     */
    record Disarmed(Instant at, String node, String reason) implements NodeEvent {}

    /**
     * The machine was seen on the boot network.
     *
     * @param step what it did
     * @param address its IP address, or empty where it has none yet
     */
    record Seen(Instant at, String node, BootStep step, String address) implements NodeEvent {
        @Override
        public boolean isDurable() {
            return false;
        }
    }

    /**
     * An armed node was given the script that carries its token.
     *
     * @param address who fetched it
     */
    record ScriptServed(Instant at, String node, String address) implements NodeEvent {}

    /** An address asked for the script of an arming that another one had fetched. */
    record SecondFetcher(Instant at, String node, String address) implements NodeEvent {}

    /** The node was told to start from its own disk. */
    record SentToDisk(Instant at, String node) implements NodeEvent {}

    /**
     * The installer showed the token: the arming is spent.
     *
     * @param nonce the installer's random number of this boot
     * @param address where from
     * @param session secret that all later messages carry, 64 hexadecimal digits
     * @param approved whether it may go on at once
     */
    record Claimed(Instant at, String node, String nonce, String address, String session, boolean approved)
            implements NodeEvent {
        @Override
        public String toString() {
            return "Claimed[address=" + address + ", approved=" + approved + "]";
        }
    }

    /** A second installer showed the token of a spent arming. */
    record DoubleClaimed(Instant at, String node, String address) implements NodeEvent {}

    /** A claim that could not be granted. */
    record ClaimRefused(Instant at, String node, String address, String reason) implements NodeEvent {}

    /** A person compared the fingerprints. */
    record Approved(Instant at, String node) implements NodeEvent {}

    /**
     * The installer works.
     *
     * @param seq its message number, increasing
     * @param stage what it does
     * @param percent how much of everything is done, 0 to 100
     */
    record Progress(Instant at, String node, long seq, InstallStage stage, int percent) implements NodeEvent {
        @Override
        public boolean isDurable() {
            return false;
        }
    }

    /** The public halves of the SSH host keys that the node made, as {@code type base64}. */
    record HostKeys(Instant at, String node, List<String> keys) implements NodeEvent {
        public HostKeys {
            keys = List.copyOf(keys);
        }
    }

    /** The installer has finished. */
    record Installed(Instant at, String node) implements NodeEvent {}

    /** It cannot go on; {@code reason} is the node's sentence. */
    record Failed(Instant at, String node, String reason) implements NodeEvent {}

    /**
     * The installed system reported itself.
     *
     * @param address where from
     * @param report lines {@code key=value}
     */
    record CalledBack(Instant at, String node, String address, List<String> report) implements NodeEvent {
        public CalledBack {
            report = List.copyOf(report);
        }
    }

    /** A login with the pinned host key worked. */
    record LoginWorked(Instant at, String node) implements NodeEvent {}

    /** A login did not work; {@code reason} says why. */
    record LoginFailed(Instant at, String node, String reason) implements NodeEvent {
        @Override
        public boolean isDurable() {
            return false;
        }
    }

    /** The post-boot phase works on it. */
    record FormationStarted(Instant at, String node) implements NodeEvent {}

    /** It is part of the cluster. */
    record Joined(Instant at, String node) implements NodeEvent {}

    /** It is being taken out of the cluster. */
    record LeaveStarted(Instant at, String node) implements NodeEvent {}

    /** It is no longer part of the cluster. */
    record Removed(Instant at, String node) implements NodeEvent {}
}
