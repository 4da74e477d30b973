package io.slipway.formation.ovn;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command.Input;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * With TLS, where clients are served stands in the databases themselves: one row each, for all voters. Without, the voters'
 * own options say it.
 *
 * @param node the voter that is asked
 */
record Listeners(Voters voters, Node node) implements Step.Work {
    /** Machines under load answer late, and a connection that is cut for that makes more load. */
    private static final int PROBE_MS = 60_000;

    private static final String SET = """
            ovn-nbctl --timeout=60 --no-leader-only --db="$1" set-connection pssl:6641 -- \\
              set connection . inactivity_probe="$3" || exit
            ovn-sbctl --timeout=60 --no-leader-only --db="$2" set-connection pssl:6642 -- \\
              set connection . inactivity_probe="$3"
            """;

    @Override
    public Finding probe() throws InterruptedException {
        List<Database> databases = List.of(Database.values());
        Rows.Ask[] asked = databases.stream()
                .map(database -> new Rows.Ask(
                        database.socket(),
                        database.schema(),
                        Map.of("Connection", List.of("target", "inactivity_probe"))))
                .toArray(Rows.Ask[]::new);
        var said = new NodeScript(node.name(), voters.nodes())
                .ask("OVN's databases on " + node.name() + " cannot be looked at", Rows.SCRIPT, Rows.arguments(asked));
        var others = new ArrayList<String>();
        for (int i = 0; i < asked.length; i++) {
            Database database = databases.get(i);
            var rows = Rows.of(said, i, asked[i]);
            if (rows == null) {
                return Finding.unknown("the " + database.title() + " database on " + node.name() + " does not answer");
            }
            var targets =
                    rows.get(0).stream().map(row -> row.path("target").asText()).toList();
            if (!targets.equals(List.of("pssl:" + database.port()))
                    || rows.get(0).get(0).path("inactivity_probe").asInt() != PROBE_MS) {
                others.add(database.title() + (targets.isEmpty() ? " not at all" : " " + targets));
            }
        }
        return others.isEmpty()
                ? Finding.done("pssl:6641 and pssl:6642")
                : Finding.toDo("served are " + String.join(", ", others));
    }

    @Override
    public void act() throws InterruptedException {
        new NodeScript(node.name(), voters.nodes())
                .run(
                        Duration.ofMinutes(3),
                        Input.NONE,
                        SET,
                        Database.NORTHBOUND.socket(),
                        Database.SOUTHBOUND.socket(),
                        String.valueOf(PROBE_MS))
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "OVN's databases could not be told on " + node.name() + " to serve clients",
                        "Look at cluster/status there: changes need a leader.");
    }
}
