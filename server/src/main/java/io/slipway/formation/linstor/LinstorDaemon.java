package io.slipway.formation.linstor;

import io.slipway.formation.Finding;
import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.linstor.ControllerVersion;
import io.slipway.linstor.LinstorApi;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One of LINSTOR's two programs, by its rc script.
 *
 * @param kind {@code satellite} or {@code controller}
 * @param node where it runs
 * @param nodes reaches it
 * @param api asked too, for the controller; null for a satellite, which only the controller can ask
 */
record LinstorDaemon(
        String kind, String node, Nodes nodes, @Nullable LinstorApi api) implements Step.Work {
    /** The rc script's status while the program runs and does not listen yet. */
    private static final int STARTING = 4;

    /** Longer than the script waits for the port. */
    private static final Duration START = Duration.ofMinutes(4);

    static LinstorDaemon satellite(String node, Nodes nodes) {
        return new LinstorDaemon("satellite", node, nodes, null);
    }

    static LinstorDaemon controller(String node, Nodes nodes, LinstorApi api) {
        return new LinstorDaemon("controller", node, nodes, api);
    }

    private String script() {
        return "/etc/rc.d/rc.linstor-" + kind;
    }

    private int status() throws InterruptedException {
        return nodes.on(node)
                .run(Command.of(Duration.ofMinutes(1), script(), "status"))
                .status();
    }

    @Override
    public Finding probe() throws InterruptedException {
        int status = status();
        if (status == STARTING) {
            return Finding.toDo("LINSTOR's " + kind + " on " + node + " is starting");
        }
        if (status != 0) {
            return Finding.toDo("LINSTOR's " + kind + " does not run on " + node);
        }
        if (api == null) {
            return Finding.done("LINSTOR's " + kind + " listens on " + node);
        }
        try {
            ControllerVersion version = api.version();
            return Finding.done("LINSTOR " + version.version() + ", REST API " + version.restApi());
        } catch (ProblemException silence) {
            if (silence.kind() != ProblemKind.UNREACHABLE) {
                throw silence;
            }
            return Finding.toDo("LINSTOR's controller on " + node + " listens and does not answer yet");
        }
    }

    @Override
    public void act() throws InterruptedException {
        var result = nodes.on(node).run(Command.of(START, script(), "start"));
        // A slow machine outlasts the script's patience; the program is starting all the same, and is awaited here.
        if (!result.succeeded() && status() != STARTING && status() != 0) {
            result.orFail(
                    ProblemKind.ENVIRONMENT,
                    "LINSTOR's " + kind + " cannot be started on " + node,
                    "Look into /var/log/linstor/" + kind + "-console.log there.");
        }
    }
}
