package io.slipway.formation.ovn;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command.Input;
import java.time.Duration;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Raft's election timer. The leader takes at most twice the present value at a time (ovsdb-server(1),
 * {@code cluster/change-election-timer}).
 */
record ElectionTimer(Voters voters) implements Step.Work {
    private static final String CHANGE = """
            . /usr/lib/slipway/rc-functions
            ctl=$1 schema=$2 wanted=$3
            timer() { ovs-appctl --timeout=10 -t "$ctl" cluster/status "$schema" | sed -n 's/^Election timer: //p'; }
            is() { [ "$(timer)" = "$1" ]; }
            now=$(timer)
            while [ "$now" -ne "$wanted" ]; do
              next=$((now * 2))
              [ "$next" -lt "$wanted" ] || next=$wanted
              ovs-appctl --timeout=30 -t "$ctl" cluster/change-election-timer "$schema" "$next" || exit
              await 60 "an election timer of $next ms" is "$next" || exit
              now=$next
            done
            """;

    private int wanted() {
        return (int) voters.cluster().ovn().electionTimer().toMillis();
    }

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
        var others = new ArrayList<String>();
        for (Database database : Database.values()) {
            Node leader = voters.leader(everyone, database);
            if (leader == null) {
                return Finding.unknown("nobody leads the " + database.title() + " database");
            }
            int timer = timer(everyone, leader, database);
            if (timer != wanted()) {
                others.add(database.title() + ": " + timer + " ms");
            }
        }
        return others.isEmpty() ? Finding.done(wanted() + " ms") : Finding.toDo(String.join(", ", others));
    }

    private static int timer(Voters.Everyone everyone, @Nullable Node leader, Database database) {
        Voters.View view = leader == null ? null : everyone.views().get(leader.name());
        RaftStatus status = view == null ? null : view.status(database);
        return status == null ? 0 : status.electionTimer();
    }

    @Override
    public void act() throws InterruptedException {
        Voters.Everyone everyone = voters.askAll(true);
        voters.forget();
        for (Database database : Database.values()) {
            Node leader = voters.leader(everyone, database);
            if (leader != null && timer(everyone, leader, database) != wanted()) {
                new NodeScript(leader.name(), voters.nodes())
                        .run(
                                Duration.ofMinutes(5),
                                Input.NONE,
                                CHANGE,
                                database.control(),
                                database.schema(),
                                String.valueOf(wanted()))
                        .orFail(
                                ProblemKind.ENVIRONMENT,
                                "The election timer of the " + database.title() + " database could not be changed on "
                                        + leader.name(),
                                "Another may lead by now: run slipway form again.");
            }
        }
    }
}
