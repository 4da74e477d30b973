package io.slipway.formation.incus;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.formation.NodeScript;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import java.time.Duration;

/**
 * A node that was on its way into the cluster when its daemon ended. The cluster's database then keeps an entry that its
 * API does not show, Raft may count the node already, and the node has thrown its own database away: its daemon does not
 * start, or waits for ever. It never was a member, so nothing can be lost by setting it back.
 *
 * @param node its name
 * @param members all daemons
 */
record AbandonedJoin(String node, Members members) {
    private static final Duration STOP = Duration.ofMinutes(3);

    /** Incus marks an entry with state 1 until the node has taken over the cluster's database. */
    private static final String PENDING = " FROM nodes WHERE state = 1 AND name = '%s'";

    private static final String AGE = "SELECT strftime('%%s', 'now') - strftime('%%s', heartbeat)" + PENDING;
    private static final String DELETE = "DELETE" + PENDING;

    /** Seconds since the daemon was started, if it runs. */
    private static final String UPTIME = """
            pid=$(pgrep -o -x incusd) && ps -o etimes= -p "$pid" | sed 's/^ */up=/'
            exit 0
            """;

    /** Certificates of the network and of the node itself stay. */
    private static final String SET_BACK = """
            /etc/rc.d/rc.incusd stop >&2 || exit 1
            directory=${INCUS_DIR:-/var/lib/incus}
            rm -rf "$directory/database" "$directory/cluster.crt" "$directory/cluster.key" "$directory/cluster.ca"
            """;

    /** Longer than Incus itself tries to join, by far; in seconds. */
    private static final long GIVEN_UP = 900;

    /** Whether the node was accepted by the cluster, and nobody is at work on it any more. */
    boolean isThere() throws InterruptedException {
        Member speaker = members.otherSpeaker(node, true);
        if (speaker == null) {
            return false;
        }
        JsonNode rows = members.api(speaker.node()).sql("global", String.format(AGE, node));
        if (rows.isEmpty()) {
            return false;
        }
        Member own = members.look(node, true);
        if (own.answers() && !own.isClustered()) {
            // It counts as clustered from before it asks to be accepted until it has failed.
            return true;
        }
        long age = rows.path(0).path(0).asLong();
        // A daemon that is older than the entry is the one that was accepted, and may be joining at this moment.
        String up = new NodeScript(node, members.nodes())
                .ask("It cannot be seen how long Incus runs on " + node, UPTIME)
                .one("up");
        return up.isEmpty() || Long.parseLong(up) < age || age > GIVEN_UP;
    }

    /** Sets the node back and takes it out of the cluster; its entry last, so that this is found again if it is cut off. */
    void clear() throws InterruptedException {
        new NodeScript(node, members.nodes())
                .run(STOP, Command.Input.NONE, SET_BACK)
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "Incus on " + node + ", which was cut off while it joined, cannot be set back",
                        "Log in to " + node + " and look why /etc/rc.d/rc.incusd does not stop it.");
        Member speaker = members.otherSpeaker(node, true);
        if (speaker == null) {
            return;
        }
        IncusApi api = members.api(speaker.node());
        String address = members.address(members.cluster().getNode(node));
        // Says nothing against one that Raft does not know.
        api.require(
                node + ", which was cut off while it joined Incus, cannot be taken out of its Raft cluster",
                IncusApi.USUAL,
                "DELETE",
                "/internal/cluster/raft-node/" + address,
                IncusApi.object());
        api.sql("global", String.format(DELETE, node));
        new IncusDaemon(node, members).start();
    }
}
