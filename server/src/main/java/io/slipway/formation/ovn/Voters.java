package io.slipway.formation.ovn;

import io.slipway.formation.NodeScript;
import io.slipway.formation.Nodes;
import io.slipway.formation.Recent;
import io.slipway.formation.SideBySide;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.inventory.Role;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command.Input;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The voters and how they are asked: for everything that any step of theirs looks at, in one question a node. */
final class Voters {
    static final Duration START = Duration.ofMinutes(3);
    /** Long enough for the steps of one look at slow nodes, too short for a person to notice. */
    private static final Duration RECENT = Duration.ofSeconds(5);

    private static final String START_SCRIPT = "/etc/rc.d/rc.ovn-central \"$@\"";

    /** The directory is the one that rc.ovn-central sets. A file without a record was cut off while it was made. */
    private static final String ASK = """
            for each in nb:OVN_Northbound sb:OVN_Southbound; do
              short=${each%%:*}
              file="/var/lib/ovn/ovn${short}_db.db"
              [ -s "$file" ] || continue
              status=$(ovs-appctl --timeout=10 -t "/var/run/ovn/ovn${short}_db.ctl" cluster/status "${each#*:}" 2>/dev/null)
              if [ -n "$status" ]; then
                echo "$status" | sed "s/^/$short.status=/"
              else
                ovsdb-tool show-log "$file" 2>/dev/null | grep -q '^record 0:' || continue
              fi
              echo "$short.file=$file"
            done
            pid=$(cat /var/run/ovn/ovn-northd.pid 2>/dev/null) || exit 0
            echo "northd=$(ovs-appctl --timeout=10 -t "/var/run/ovn/ovn-northd.$pid.ctl" status 2>/dev/null)"
            """;

    private final Cluster cluster;
    private final Nodes nodes;
    private final Recent<View> recent;

    /**
     * @param cluster whose voters
     * @param nodes reaches them
     */
    Voters(Cluster cluster, Nodes nodes) {
        this.cluster = cluster;
        this.nodes = nodes;
        this.recent = new Recent<>(RECENT, this::look);
    }

    /**
     * One voter's databases.
     *
     * @param files which are on its disk
     * @param statuses of those that run
     * @param northd what northd says of itself, or empty where it does not run
     */
    record View(Map<Database, Boolean> files, Map<Database, RaftStatus> statuses, String northd) {
        View {
            files = Map.copyOf(files);
            statuses = Map.copyOf(statuses);
        }

        boolean hasFile(Database database) {
            return Boolean.TRUE.equals(files.get(database));
        }

        boolean hasAnyFile() {
            return files.containsValue(true);
        }

        boolean hasBothFiles() {
            return hasFile(Database.NORTHBOUND) && hasFile(Database.SOUTHBOUND);
        }

        /** Whether a database that is there does not run. */
        boolean isAsleep() {
            return files.entrySet().stream().anyMatch(each -> each.getValue() && !statuses.containsKey(each.getKey()));
        }

        @Nullable
        RaftStatus status(Database database) {
            return statuses.get(database);
        }

        boolean isMember(Database database) {
            RaftStatus status = status(database);
            return status != null && status.isMember();
        }
    }

    /**
     * All voters at one time.
     *
     * @param views of those that answered, by node
     * @param silent why the others did not, by node
     */
    record Everyone(Map<String, View> views, Map<String, ProblemException> silent) {}

    Cluster cluster() {
        return cluster;
    }

    Nodes nodes() {
        return nodes;
    }

    List<Node> list() {
        return cluster.listNodes(Role.OVN_CENTRAL);
    }

    String address(Node voter) {
        return cluster.clusterAddress(voter).toString();
    }

    String scheme() {
        return cluster.ovn().tls() ? "ssl" : "tcp";
    }

    /** Where a voter is met by the other voters. */
    String raftAddress(Node voter, Database database) {
        return scheme() + ":" + address(voter) + ":" + database.raftPort();
    }

    /** Where clients find a database. */
    String remotes(Database database) {
        return String.join(
                ",",
                list().stream()
                        .map(voter -> scheme() + ":" + address(voter) + ":" + database.port())
                        .toList());
    }

    /** @param fresh whether it is to be asked now, whatever it said a moment ago */
    View ask(Node voter, boolean fresh) throws InterruptedException {
        return fresh ? recent.now(voter.name()) : recent.of(voter.name());
    }

    /** Something was changed: what was said before counts no more. */
    void forget() {
        recent.forget();
    }

    private View look(String voter) throws InterruptedException {
        var said = new NodeScript(voter, nodes).ask("OVN's databases on " + voter + " cannot be looked at", ASK);
        var files = new EnumMap<Database, Boolean>(Database.class);
        var statuses = new EnumMap<Database, RaftStatus>(Database.class);
        for (Database database : Database.values()) {
            files.put(database, !said.one(database.brief() + ".file").isEmpty());
            RaftStatus status = RaftStatus.parse(said.all(database.brief() + ".status"));
            if (status != null) {
                statuses.put(database, status);
            }
        }
        return new View(files, statuses, said.one("northd"));
    }

    /** @param fresh whether they are to be asked now, whatever they said a moment ago */
    Everyone askAll(boolean fresh) throws InterruptedException {
        var silent = new ConcurrentHashMap<String, ProblemException>();
        Map<String, Optional<View>> answers =
                SideBySide.ask(list().stream().map(Node::name).toList(), voter -> {
                    try {
                        return Optional.of(ask(cluster.getNode(voter), fresh));
                    } catch (ProblemException failure) {
                        if (failure.kind() != ProblemKind.UNREACHABLE) {
                            throw failure;
                        }
                        silent.put(voter, failure);
                        return Optional.empty();
                    }
                });
        var views = new LinkedHashMap<String, View>();
        answers.forEach((voter, answer) -> answer.ifPresent(view -> views.put(voter, view)));
        return new Everyone(views, new TreeMap<>(silent));
    }

    /**
     * Runs rc.ovn-central. A slow machine outlasts the script's patience; what was started is awaited by the step.
     *
     * @param words its arguments
     */
    void start(Node voter, String... words) throws InterruptedException {
        var result = new NodeScript(voter.name(), nodes).run(START, Input.NONE, START_SCRIPT, words);
        forget();
        if (!result.succeeded() && ask(voter, true).statuses().isEmpty()) {
            result.orFail(
                    ProblemKind.ENVIRONMENT,
                    "OVN's databases could not be started on " + voter.name(),
                    "Read /var/log/ovn/ there.");
        }
    }

    /** The voter that leads a database, or null where none of those that were asked does. */
    @Nullable
    Node leader(Everyone everyone, Database database) {
        for (Node voter : list()) {
            View view = everyone.views().get(voter.name());
            RaftStatus status = view == null ? null : view.status(database);
            if (status != null && status.isMember() && status.isLeader()) {
                return voter;
            }
        }
        return null;
    }

    static Problem conflict(String summary, String correction) {
        return Problem.of(ProblemKind.CONFLICT, summary, correction);
    }
}
