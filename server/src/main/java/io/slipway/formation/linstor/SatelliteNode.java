package io.slipway.formation.linstor;

import io.slipway.formation.Finding;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Ipv4Address;
import io.slipway.inventory.Linstor;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.linstor.LinstorApi;
import io.slipway.linstor.LinstorNode;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A node as LINSTOR's controller knows it: its addresses, its connection, and what its satellite can do. */
final class SatelliteNode extends ControllerWork<Optional<LinstorNode>> {
    /** The interface that DRBD replicates over, where that is another network. */
    private static final String REPLICATION = "storage";

    private static final String DRBD = "DRBD";

    private final Node node;
    private final Linstor.Provider provider;
    private final LinstorApi api;
    private final Ipv4Address address;
    private final @Nullable Ipv4Address replication;

    SatelliteNode(Cluster cluster, Node node, Linstor.Provider provider, LinstorApi api) {
        this.node = node;
        this.provider = provider;
        this.api = api;
        this.address = cluster.clusterAddress(node);
        this.replication = cluster.traffic().storage().equals(cluster.traffic().cluster())
                ? null
                : node.findAddress(cluster.traffic().storage());
    }

    @Override
    Optional<LinstorNode> ask() throws InterruptedException {
        return Optional.ofNullable(api.findNode(node.name()));
    }

    @Override
    Finding judge(Optional<LinstorNode> said) {
        if (said.isEmpty()) {
            return Finding.toDo("LINSTOR does not know " + node.name());
        }
        LinstorNode known = said.get();
        Finding elsewhere = elsewhere(known, LinstorApi.CONTROL_INTERFACE, address);
        if (elsewhere == null && replication != null && known.findInterface(REPLICATION) != null) {
            elsewhere = elsewhere(known, REPLICATION, replication);
        }
        if (elsewhere != null) {
            return elsewhere;
        }
        if (replication != null && !replicatesThere(known)) {
            return Finding.toDo(
                    "LINSTOR does not use the address " + replication + " of " + node.name() + " for replication yet");
        }
        if (!known.online()) {
            return connection(known);
        }
        List<String> missing = missing(known);
        return missing.isEmpty()
                ? Finding.done(node.name() + " is ONLINE")
                : Finding.toDo(node.name() + " is ONLINE without " + String.join("; ", missing));
    }

    /** After the satellite has looked anew, what it does not have now it will not get by waiting. */
    @Override
    public Finding verify() throws InterruptedException {
        Finding found = probe();
        if (found.state() != Finding.State.TO_DO) {
            return found;
        }
        LinstorNode known = api.findNode(node.name());
        if (known == null || !known.online() || missing(known).isEmpty()) {
            return found;
        }
        return Finding.wrong(Problem.of(
                        ProblemKind.ENVIRONMENT,
                        "LINSTOR's satellite on " + node.name() + " cannot make " + provider + " pools.",
                        "Install what is missing on " + node.name() + ", restart its satellite with"
                                + " /etc/rc.d/rc.linstor-satellite restart, and run this again.")
                .because("It was connected anew and says of what it lacks:\n" + String.join("\n", missing(known))));
    }

    private boolean replicatesThere(LinstorNode known) {
        return known.findInterface(REPLICATION) != null
                && REPLICATION.equals(known.properties().get(LinstorNode.PREFERRED_INTERFACE));
    }

    private @Nullable Finding elsewhere(LinstorNode known, String name, Ipv4Address wanted) {
        LinstorNode.NetInterface face = known.findInterface(name);
        if (face != null && face.address().equals(wanted.toString())) {
            return null;
        }
        return Finding.wrong(
                "LINSTOR to know " + node.name() + " at " + wanted,
                face == null
                        ? "a node of that name without an interface \"" + name + '"'
                        : face.address() + " as its interface \"" + name + '"',
                "LINSTOR was set up before, with other addresses. If nothing of it is needed, stop the controller and"
                        + " remove /var/lib/linstor/linstordb* on its node; otherwise correct the address in LINSTOR or in"
                        + " cluster.yaml.");
    }

    /** What the satellite lacks, each with its reasons. */
    private List<String> missing(LinstorNode known) {
        var out = new ArrayList<String>();
        if (!known.layers().contains(DRBD)) {
            out.add(DRBD + " (" + reasons(known.unsupportedLayers().getOrDefault(DRBD, List.of())) + ")");
        }
        if (!known.supports(provider)) {
            out.add(provider + " (" + reasons(known.reasonsAgainst(provider)) + ")");
        }
        return out;
    }

    private static String reasons(List<String> given) {
        return given.isEmpty()
                ? "it does not say why"
                : String.join(", ", given.stream().distinct().toList());
    }

    /** States that end by themselves are awaited; the others need a person. */
    private Finding connection(LinstorNode known) {
        String state = known.connection();
        String who = "LINSTOR's satellite on " + node.name();
        return switch (state) {
            case "DUPLICATE_UNAME" ->
                refused(
                        state,
                        "another node of LINSTOR leads to the same machine",
                        "Two nodes have one host name or one address: compare uname -n and the addresses in cluster.yaml.");
            case "HOSTNAME_MISMATCH" ->
                refused(
                        state,
                        "its host name is not " + node.name(),
                        "Compare uname -n with the name in cluster.yaml.");
            case "VERSION_MISMATCH" ->
                refused(
                        state,
                        "satellite and controller are of different versions",
                        "Install the same package of LINSTOR on all nodes.");
            case "OTHER_CONTROLLER" ->
                refused(
                        state,
                        "the satellite belongs to another controller",
                        "Remove " + node.name()
                                + " from that cluster, or take it out of this one. Nothing was changed.");
            case "AUTHENTICATION_ERROR" ->
                refused(
                        state,
                        "the satellite refuses the controller",
                        "Look into /var/log/linstor on " + node.name() + ".");
            default -> Finding.toDo(who + " is " + state);
        };
    }

    private Finding refused(String state, String cause, String correction) {
        return Finding.wrong(Problem.of(
                        ProblemKind.CONFLICT,
                        "Expected " + node.name() + " to be ONLINE in LINSTOR, but found it " + state + ".",
                        correction)
                .because("That is: " + cause + "."));
    }

    @Override
    public void act() throws InterruptedException {
        LinstorNode known = api.findNode(node.name());
        if (known == null) {
            api.createNode(node.name(), node.has(Role.LINSTOR_CONTROLLER), address);
        }
        if (replication != null && (known == null || !replicatesThere(known))) {
            api.createNetInterface(node.name(), REPLICATION, replication);
            api.setNodeProperties(node.name(), Map.of(LinstorNode.PREFERRED_INTERFACE, REPLICATION));
        }
        boolean incomplete = known != null && known.online() && !missing(known).isEmpty();
        boolean broken = known != null && known.connection().equals("FULL_SYNC_FAILED");
        if (incomplete || broken) {
            api.reconnect(node.name());
        }
    }
}
