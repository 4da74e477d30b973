package io.slipway.formation.ovn;

import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import io.slipway.problem.ProblemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What makes a cluster of voters one: for both databases the same cluster id everywhere, exactly the voters of cluster.yaml,
 * a leader, nobody who is being let in or out, and nothing that waits to be committed.
 */
record RaftHealth(Voters voters) implements Step.Check {
    @Override
    public Finding probe() throws InterruptedException {
        return look(false);
    }

    @Override
    public Finding verify() throws InterruptedException {
        return look(true);
    }

    private Finding look(boolean fresh) throws InterruptedException {
        Voters.Everyone everyone = voters.askAll(fresh);
        return everyone.views().isEmpty() ? silent(everyone) : judge(everyone);
    }

    private static Finding silent(Voters.Everyone everyone) {
        ProblemException first = everyone.silent().values().iterator().next();
        throw first;
    }

    private Finding judge(Voters.Everyone everyone) {
        var texts = new ArrayList<String>();
        for (Database database : Database.values()) {
            Finding finding = judge(everyone, database);
            if (finding.state() != Finding.State.DONE) {
                return finding;
            }
            texts.add(finding.text());
        }
        return Finding.done(String.join("; ", texts));
    }

    private Finding judge(Voters.Everyone everyone, Database database) {
        String title = "the " + database.title() + " database";
        Map<String, List<String>> clusters = new LinkedHashMap<>();
        var open = new ArrayList<String>();
        for (Node voter : voters.list()) {
            Voters.View view = everyone.views().get(voter.name());
            RaftStatus status = view == null ? null : view.status(database);
            if (status == null || !status.isMember()) {
                open.add(voter.name() + " is no member" + (view == null ? ", it does not answer" : ""));
                continue;
            }
            clusters.computeIfAbsent(status.clusterId(), id -> new ArrayList<>())
                    .add(voter.name());
            if (!status.hasLeader()) {
                open.add(voter.name() + " knows no leader");
            }
            if (status.changing()) {
                open.add("a member is being let in or out");
            }
            if (status.backlog() > 0) {
                open.add(voter.name() + " has " + status.backlog() + " entries to catch up with");
            }
            Finding strangers = strangers(status, database);
            if (strangers != null) {
                return strangers;
            }
            if (status.servers().size() != voters.list().size()) {
                open.add(voter.name() + " knows " + status.servers().size() + " of "
                        + voters.list().size() + " members");
            }
        }
        if (clusters.size() > 1) {
            return Finding.wrong(
                    "one cluster of " + title,
                    "several: "
                            + clusters.entrySet().stream()
                                    .map(each -> RaftStatus.brief(each.getKey()) + " on "
                                            + String.join(", ", each.getValue()))
                                    .reduce((a, b) -> a + "; " + b)
                                    .orElse(""),
                    "Decide which one is right; on the other nodes stop it (/etc/rc.d/rc.ovn-central stop) and move"
                            + " /var/lib/ovn/ away, then run slipway form again.");
        }
        Node leader = voters.leader(everyone, database);
        if (leader == null) {
            open.add("nobody leads");
        }
        return open.isEmpty() && leader != null
                ? Finding.done(database.title() + " "
                        + RaftStatus.brief(clusters.keySet().iterator().next()) + ": "
                        + voters.list().size() + " members, " + leader.name() + " leads")
                : Finding.toDo(title + ": " + String.join(", ", open));
    }

    /** Null if all members are voters of cluster.yaml. */
    private @org.jspecify.annotations.Nullable Finding strangers(RaftStatus status, Database database) {
        var addresses = new LinkedHashSet<String>();
        voters.list().forEach(voter -> addresses.add(voters.raftAddress(voter, database)));
        var strangers = status.servers().stream()
                .filter(server -> !addresses.contains(server.address()))
                .toList();
        if (strangers.isEmpty()) {
            return null;
        }
        RaftStatus.Server first = strangers.get(0);
        return Finding.wrong(
                "only the voters of cluster.yaml in the " + database.title() + " database",
                "also "
                        + String.join(
                                ", ",
                                strangers.stream()
                                        .map(RaftStatus.Server::address)
                                        .toList()),
                "If it will not come back, remove it on a voter: ovs-appctl -t " + database.control() + " cluster/kick "
                        + database.schema() + " " + first.shortId());
    }
}
