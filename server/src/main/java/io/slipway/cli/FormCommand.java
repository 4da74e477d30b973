package io.slipway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.app.ApplianceClient;
import io.slipway.app.ClusterFormation;
import io.slipway.app.PinnedKeys;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationRunner;
import io.slipway.formation.view.ClusterView;
import io.slipway.formation.view.ViewJson;
import io.slipway.formation.view.ViewText;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.StateLock;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code slipway form}. */
@Command(
        name = "form",
        description = {
            "Forms the cluster from nodes that are ready: OVN, LINSTOR, Incus.",
            "Each step is looked at first and left alone if it is done. Killed or failed, run it again: it goes on where"
                    + " the cluster is."
        },
        footer = {"", "Example: slipway form --plan"})
final class FormCommand implements Callable<Integer> {
    @Mixin
    private ClusterOption file = new ClusterOption();

    @Mixin
    private StateOption state = new StateOption();

    @Mixin
    private Output output = new Output();

    @Option(
            names = "--plan",
            description = "Change nothing; show each step with what is found: done, to do, or unknown yet.")
    private boolean plan;

    @Option(names = "--only", paramLabel = "STEP", defaultValue = "", description = "Do this step and no other.")
    private String only = "";

    @Option(
            names = "--until",
            paramLabel = "STEP",
            defaultValue = "",
            description = "Do this step and those that it needs.")
    private String until = "";

    @Option(
            names = "--accept",
            paramLabel = "ID",
            split = ",",
            description = "Go on although this was found wrong. The failure's message names the ID.")
    private Set<String> accepted = new TreeSet<>();

    /** Tokens by client, shown at the end, once: by them a client is trusted with everything. */
    private final Map<String, String> tokens = new ConcurrentSkipListMap<>();

    @Override
    public Integer call() throws InterruptedException {
        if (!only.isEmpty() && !until.isEmpty()) {
            throw Problem.of(ProblemKind.INVALID_INPUT, "--only and --until exclude each other.", "Give one of them.")
                    .asException();
        }
        Cluster cluster = file.read();
        try (var formation =
                ClusterFormation.open(cluster, state.directory(), PinnedKeys.of(cluster, state.directory()))) {
            FormationPlan all = formation.plan(tokens::put);
            FormationPlan chosen = !only.isEmpty() ? all.only(only) : !until.isEmpty() ? all.until(until) : all;
            if (plan) {
                var outlook = new FormationRunner(event -> {}, InstantSource.system()).look(chosen);
                output.print(output.isJson() ? FormationText.json(outlook) + "\n" : FormationText.outlook(outlook));
                return 0;
            }
            StateLock lock = StateLock.acquire(state.directory(), "form", "slipway form");
            try {
                return form(cluster, formation, chosen);
            } finally {
                lock.close();
            }
        }
    }

    private int form(Cluster cluster, ClusterFormation formation, FormationPlan chosen) throws InterruptedException {
        boolean whole = only.isEmpty() && until.isEmpty();
        if (whole) {
            tellAppliance(cluster, "forming");
        }
        FormationReport report = new WatchedRun(output).run(chosen, accepted, ended -> {
            formation.tidyUp(ended);
            say(ended, formation, cluster.identity().name(), whole && ended.succeeded());
        });
        if (report.succeeded() && whole) {
            tellAppliance(cluster, "joined");
        }
        return WatchedRun.exitStatus(report);
    }

    private void say(FormationReport report, ClusterFormation formation, String name, boolean whole) {
        ClusterView stands = whole ? view(formation) : null;
        if (output.isJson()) {
            ObjectNode ended = FormationText.json(report).put("event", "ended").put("commands", formation.commands());
            tokens.forEach(ended.putObject("trustTokens")::put);
            if (stands != null) {
                ended.set("cluster", ViewJson.of(stands));
            }
            output.print(ended + "\n");
            return;
        }
        output.print("\n" + FormationText.report(report));
        output.print(stands == null ? "" : "\n" + ViewText.of(stands));
        tokens.forEach((client, token) -> output.print("\nTrust token of " + client
                + ", shown only now. There: incus remote add " + name + " " + token + "\n"));
    }

    private static @Nullable ClusterView view(ClusterFormation formation) {
        try {
            return formation.view();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** The appliance shows it; the cluster does not depend on it. */
    private void tellAppliance(Cluster cluster, String what) {
        try {
            var appliance = ApplianceClient.open(state.directory());
            for (Node node : cluster.nodes()) {
                appliance.act(node.name(), what);
            }
        } catch (ProblemException unheard) {
            if (unheard.kind() != ProblemKind.UNREACHABLE) {
                output.err().println("Note: the appliance was not told. " + unheard.getMessage());
            }
        }
    }
}
