package io.slipway.formation.incus;

import io.slipway.formation.Finding;
import io.slipway.formation.linstor.LinstorSteps;
import io.slipway.inventory.Cluster;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;

/** Where LINSTOR's controller is. An Incus without the driver is said plainly. */
final class LinstorConnection extends ClusterWork {
    private static final String CONNECTION = "storage.linstor.controller_connection";

    private final String wanted;

    LinstorConnection(Cluster cluster, Members members) {
        super(members);
        this.wanted = "http://" + cluster.clusterAddress(LinstorSteps.controller(cluster)) + ":"
                + LinstorSteps.CONTROLLER_PORT;
    }

    @Override
    Finding judge(Member speaker) {
        if (!speaker.hasExtension(SharedPool.EXTENSION)) {
            return Finding.wrong(Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "Incus " + speaker.version() + " on " + speaker.node()
                                    + " has no driver for LINSTOR: that came with Incus 6.12.",
                            "Put a newer Incus into packages.local, build the image and install the nodes again; or leave"
                                    + " out linstor: in cluster.yaml.")
                    .because("Without it Incus has local pools only, and instances do not survive their member."));
        }
        String found = speaker.config(CONNECTION);
        return found.equals(wanted)
                ? Finding.done(wanted)
                : Finding.toDo("Incus does not know where LINSTOR is" + (found.isEmpty() ? "" : ": " + found));
    }

    @Override
    void act(Member speaker, IncusApi api) throws InterruptedException {
        var body = IncusApi.object();
        body.putObject("config").put(CONNECTION, wanted);
        api.require("Incus cannot be told where LINSTOR is", IncusApi.USUAL, "PATCH", "/1.0", body);
    }
}
