package io.slipway.cli;

import io.slipway.app.ClusterFormation;
import io.slipway.app.PinnedKeys;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.inventory.Cluster;
import io.slipway.store.StateLock;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code slipway verify}. */
@Command(
        name = "verify",
        description = {
            "Looks at every step of a formed cluster and proves again that it works, with two small instances that are"
                    + " removed afterwards.",
            "Nothing else is changed. The exit status is not 0 if anything is not as it should be."
        },
        footer = {"", "Example: slipway verify --no-proof"})
final class VerifyCommand implements Callable<Integer> {
    @Mixin
    private ClusterOption file = new ClusterOption();

    @Mixin
    private StateOption state = new StateOption();

    @Mixin
    private Output output = new Output();

    @Option(names = "--no-proof", description = "Only look; start no instances.")
    private boolean noProof;

    @Override
    public Integer call() throws InterruptedException {
        Cluster cluster = file.read();
        // Two proofs at the same time would remove each other's instances.
        StateLock lock = StateLock.acquire(state.directory(), "form", "slipway verify");
        try (var formation =
                ClusterFormation.open(cluster, state.directory(), PinnedKeys.of(cluster, state.directory()))) {
            FormationPlan plan = formation.verification(!noProof);
            FormationReport report = new WatchedRun(output).run(plan, Set.of(), ended -> {
                formation.tidyUp(ended);
                say(ended, formation);
            });
            return WatchedRun.exitStatus(report);
        } finally {
            lock.close();
        }
    }

    private void say(FormationReport report, ClusterFormation formation) {
        output.print(
                output.isJson()
                        ? FormationText.json(report).put("event", "ended").put("commands", formation.commands()) + "\n"
                        : "\n" + FormationText.verdict(report));
    }
}
