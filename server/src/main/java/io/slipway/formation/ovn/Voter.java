package io.slipway.formation.ovn;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.SideBySide;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command.Input;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A voter of both databases. The first to be one bootstraps them; which that is is asked of all voters, since a second
 * cluster must never come into being: not when the first voter was installed again, and not while one that may have the
 * databases is silent.
 */
final class Voter implements Step.Work {

    /**
     * The machine was installed again and is a new server at the same address. If the dead one led, another must be elected
     * first, and meanwhile refuses.
     */
    private static final String KICK = """
            . /usr/lib/slipway/rc-functions
            ctl=$1 schema=$2 address=$3
            removed() {
              status=$(ovs-appctl --timeout=10 -t "$ctl" cluster/status "$schema") || return
              case $status in
                *" at $address)"*) said=$(ovs-appctl --timeout=10 -t "$ctl" cluster/kick "$schema" "$address" 2>&1); return 1 ;;
              esac
            }
            await 90 "the removal of $address from $schema" removed || { echo "$said" >&2; exit 1; }
            """;

    /** What was never let in holds nothing. */
    private static final String FORGET = """
            /etc/rc.d/rc.ovn-central stop
            rm -f "$@"
            """;

    private final Voters voters;
    private final Node self;

    Voter(Voters voters, Node self) {
        this.voters = voters;
        this.self = self;
    }

    @Override
    public Finding probe() throws InterruptedException {
        return judge(voters.ask(self, false));
    }

    @Override
    public Finding verify() throws InterruptedException {
        return judge(voters.ask(self, true));
    }

    private static Finding judge(Voters.View view) {
        if (!view.hasAnyFile()) {
            return Finding.toDo("it has no databases");
        }
        var text = new ArrayList<String>();
        boolean done = true;
        for (Database database : Database.values()) {
            RaftStatus status = view.status(database);
            String said = !view.hasFile(database)
                    ? "not there"
                    : status == null
                            ? "not running"
                            : status.isMember()
                                    ? status.role() + " in cluster " + RaftStatus.brief(status.clusterId())
                                    : status.status();
            text.add(database.title() + ": " + said);
            done &= status != null && status.isMember() && status.hasLeader();
        }
        String all = String.join(", ", text);
        return done ? Finding.done(all) : Finding.toDo(all);
    }

    @Override
    public void act() throws InterruptedException {
        try {
            join();
        } finally {
            voters.forget();
        }
    }

    private void join() throws InterruptedException {
        Voters.Everyone everyone = voters.askAll(true);
        Voters.View own = everyone.views().get(self.name());
        if (own == null) {
            ProblemException silence = everyone.silent().get(self.name());
            throw silence == null ? new IllegalStateException(self.name() + " is no voter") : silence;
        }
        wake(everyone);
        List<Database> stuck = stuck(own, everyone);
        if (own.hasBothFiles() && stuck.isEmpty()) {
            return;
        }
        Node member = findMember(everyone);
        if (member != null) {
            refuseTwoClusters(everyone);
            removeTheDead(own, everyone, member);
            forget(stuck);
            voters.start(self, "form", "join", voters.address(member));
            return;
        }
        refuseSilence(everyone);
        Node first = whoBootstraps(everyone);
        voters.start(first, "form", "bootstrap");
        if (!first.equals(self)) {
            voters.start(self, "form", "join", voters.address(first));
        }
    }

    /** One that has the cluster already, or was about to; otherwise the first in the file. */
    private Node whoBootstraps(Voters.Everyone everyone) {
        return voters.list().stream()
                .filter(voter -> hasAnyFile(everyone, voter))
                .findFirst()
                .orElse(voters.list().get(0));
    }

    private static boolean hasAnyFile(Voters.Everyone everyone, Node voter) {
        Voters.View view = everyone.views().get(voter.name());
        return view != null && view.hasAnyFile();
    }

    /** A voter through which one can join both databases. */
    private @Nullable Node findMember(Voters.Everyone everyone) {
        for (Node voter : voters.list()) {
            Voters.View view = everyone.views().get(voter.name());
            if (!voter.equals(self)
                    && view != null
                    && view.isMember(Database.NORTHBOUND)
                    && view.isMember(Database.SOUTHBOUND)) {
                return voter;
            }
        }
        return null;
    }

    private void refuseTwoClusters(Voters.Everyone everyone) {
        for (Database database : Database.values()) {
            Map<String, String> clusters = new LinkedHashMap<>();
            everyone.views().forEach((name, view) -> {
                RaftStatus status = view.status(database);
                if (status != null && status.isMember()) {
                    clusters.putIfAbsent(status.clusterId(), name);
                }
            });
            if (clusters.size() > 1) {
                throw Voters.conflict(
                                "There are two clusters of the " + database.title() + " database: " + clusters + ".",
                                "Decide which one is right; on the other nodes stop it and move /var/lib/ovn/ away, then run"
                                        + " slipway form again.")
                        .asException();
            }
        }
    }

    private void refuseSilence(Voters.Everyone everyone) {
        if (!everyone.silent().isEmpty()) {
            String names = String.join(", ", everyone.silent().keySet());
            throw Voters.conflict(
                            "OVN's databases are not bootstrapped on " + self.name() + ", because " + names
                                    + " may have them already and does not answer.",
                            "Switch on " + names + ", then run slipway form again.")
                    .asException();
        }
    }

    private void removeTheDead(Voters.View own, Voters.Everyone everyone, Node member) throws InterruptedException {
        for (Database database : Database.values()) {
            Voters.View view = everyone.views().get(member.name());
            RaftStatus status = view == null ? null : view.status(database);
            String address = voters.raftAddress(self, database);
            if (!own.hasFile(database)
                    && status != null
                    && status.servers().stream()
                            .anyMatch(server -> server.address().equals(address))) {
                new NodeScript(member.name(), voters.nodes())
                        .run(Voters.START, Input.NONE, KICK, database.control(), database.schema(), address)
                        .orFail(
                                ProblemKind.ENVIRONMENT,
                                "The Raft member that " + self.name()
                                        + " was before its installation could not be removed from the "
                                        + database.title() + " database",
                                "A majority of the old members must run for that. Look at cluster/status on "
                                        + member.name() + ".");
            }
        }
    }

    /** Also the other voters' databases that do not run: without them there may be no majority, and no leader here. */
    private void wake(Voters.Everyone everyone) throws InterruptedException {
        var asleep = new ArrayList<String>();
        everyone.views().forEach((name, view) -> {
            if (view.isAsleep()) {
                asleep.add(name);
            }
        });
        SideBySide.ask(asleep, name -> {
            voters.start(voters.cluster().getNode(name), "start");
            return name;
        });
    }

    /** It asks to be let in by nobody who is there, and nobody counts it as a member who needs its vote. */
    private List<Database> stuck(Voters.View own, Voters.Everyone everyone) {
        var out = new ArrayList<Database>();
        for (Database database : Database.values()) {
            RaftStatus status = own.status(database);
            if (status == null || status.isMember() || status.joining().isEmpty()) {
                continue;
            }
            boolean hope = voters.list().stream()
                    .filter(voter -> everyone.views().containsKey(voter.name()) && !voter.equals(self))
                    .anyMatch(voter -> status.joining().contains(voters.raftAddress(voter, database)));
            boolean counted = everyone.views().values().stream()
                    .map(view -> view.status(database))
                    .anyMatch(other -> other != null
                            && !other.serverId().equals(status.serverId())
                            && other.servers().stream().anyMatch(server -> server.isAt(status)));
            if (!hope && !counted) {
                out.add(database);
            }
        }
        return out;
    }

    /** Databases that only ever asked to be let in are made anew, with whom to ask now. */
    private void forget(List<Database> stuck) throws InterruptedException {
        List<String> files = stuck.stream()
                .map(database -> "/var/lib/ovn/ovn" + database.brief() + "_db.db")
                .toList();
        if (!files.isEmpty()) {
            new NodeScript(self.name(), voters.nodes())
                    .run(Voters.START, Input.NONE, FORGET, files.toArray(String[]::new))
                    .orFail(ProblemKind.ENVIRONMENT, "OVN could not be stopped on " + self.name(), "Look there why.");
        }
    }
}
