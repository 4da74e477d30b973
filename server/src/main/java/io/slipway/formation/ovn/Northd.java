package io.slipway.formation.ovn;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import java.util.ArrayList;

/** northd runs on every voter; one works and the others stand by (ovn-northd(8), "Active-Standby"). */
record Northd(Voters voters) implements Step.Check {
    private static final String ASK = """
            echo "status=$(ovs-appctl --timeout=10 -t /var/run/ovn/ovn-northd.$(cat /var/run/ovn/ovn-northd.pid).ctl status)"
            """;

    @Override
    public Finding probe() throws InterruptedException {
        var active = new ArrayList<String>();
        var other = new ArrayList<String>();
        for (Node voter : voters.list()) {
            String status = new NodeScript(voter.name(), voters.nodes())
                    .ask("northd on " + voter.name() + " cannot be looked at", ASK)
                    .one("status");
            if (status.equals("Status: active")) {
                active.add(voter.name());
            } else if (!status.equals("Status: standby")) {
                other.add(voter.name() + " says \"" + status + '"');
            }
        }
        return active.size() == 1 && other.isEmpty()
                ? Finding.done("active on " + active.get(0) + ", standing by on "
                        + (voters.list().size() - 1))
                : Finding.toDo("active on " + (active.isEmpty() ? "none" : String.join(", ", active))
                        + (other.isEmpty() ? "" : "; " + String.join(", ", other)));
    }
}
