package io.slipway.formation.incus;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Step;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import java.time.Duration;

/**
 * The daemon of one node. One that was ended while its node joined a cluster does not start any more; it is set back first.
 *
 * @param node the node's name
 * @param members all daemons
 */
record IncusDaemon(String node, Members members) implements Step.Work {
    /** Longer than the script waits for an answer. */
    private static final Duration START = Duration.ofMinutes(3);

    private static final String SCRIPT = "/etc/rc.d/rc.incusd";

    /** A slow machine outlasts the script's patience; then the daemon is starting all the same. */
    private static final String BEGIN =
            SCRIPT + " start >/dev/null 2>&1 || " + SCRIPT + " status >/dev/null 2>&1 || {\n"
                    + "  grep -h level=error /var/log/incus/incusd.log 2>/dev/null | tail -n 3 >&2\n"
                    + "  exit 1\n"
                    + "}\n";

    @Override
    public Finding probe() throws InterruptedException {
        return judge(members.look(node, false));
    }

    @Override
    public Finding verify() throws InterruptedException {
        return judge(members.look(node, true));
    }

    private Finding judge(Member member) {
        if (member.lacksProgram()) {
            return Finding.wrong(Problem.of(
                    ProblemKind.ENVIRONMENT,
                    "Incus is not installed on " + node + ": there is no program incus.",
                    "Put its package into packages.local, build the image and install the node again: slipway node"
                            + " reinstall " + node + ". Or install it there with installpkg."));
        }
        return member.answers()
                ? Finding.done("Incus " + member.version() + " answers")
                : Finding.toDo("Incus does not answer on " + node);
    }

    @Override
    public void act() throws InterruptedException {
        try {
            if (members.look(node, true).answers()) {
                return;
            }
            var abandoned = new AbandonedJoin(node, members);
            if (abandoned.isThere()) {
                abandoned.clear();
            }
            start();
        } finally {
            members.forget();
        }
    }

    /** Starts it, and waits as long as its script does. */
    void start() throws InterruptedException {
        CommandResult result = new NodeScript(node, members.nodes()).run(START, Command.Input.NONE, BEGIN);
        result.orFail(
                ProblemKind.ENVIRONMENT,
                "Incus cannot be started on " + node,
                "Look into /var/log/incus/incusd.log there.");
    }
}
