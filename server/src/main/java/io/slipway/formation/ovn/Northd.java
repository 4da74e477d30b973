package io.slipway.formation.ovn;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.SideBySide;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import java.util.ArrayList;
import java.util.Map;

/**
 * northd runs on every voter; one works and the others stand by (ovn-northd(8), "Active-Standby"). It is started with the
 * databases, but a formation that was killed there may have left a voter without.
 */
record Northd(Voters voters) implements Step.Work {
    private static final String ASK = """
            echo "status=$(ovs-appctl --timeout=10 -t /var/run/ovn/ovn-northd.$(cat /var/run/ovn/ovn-northd.pid).ctl status)"
            """;
    private static final String ACTIVE = "Status: active";
    private static final String STANDBY = "Status: standby";

    /** What northd says of itself on each voter; nothing where it does not run. */
    private Map<String, String> ask() throws InterruptedException {
        return SideBySide.ask(
                voters.list().stream().map(Node::name).toList(),
                voter -> new NodeScript(voter, voters.nodes())
                        .ask("northd on " + voter + " cannot be looked at", ASK)
                        .one("status"));
    }

    @Override
    public Finding probe() throws InterruptedException {
        var active = new ArrayList<String>();
        var other = new ArrayList<String>();
        ask().forEach((voter, status) -> {
            if (status.equals(ACTIVE)) {
                active.add(voter);
            } else if (!status.equals(STANDBY)) {
                other.add(voter + (status.isEmpty() ? " has none" : " says \"" + status + '"'));
            }
        });
        return active.size() == 1 && other.isEmpty()
                ? Finding.done("active on " + active.get(0) + ", standing by on "
                        + (voters.list().size() - 1))
                : Finding.toDo("active on " + (active.isEmpty() ? "none" : String.join(", ", active))
                        + (other.isEmpty() ? "" : "; " + String.join(", ", other)));
    }

    @Override
    public void act() throws InterruptedException {
        for (Map.Entry<String, String> each : ask().entrySet()) {
            if (each.getValue().isEmpty()) {
                voters.start(voters.cluster().getNode(each.getKey()), "start");
            }
        }
    }
}
