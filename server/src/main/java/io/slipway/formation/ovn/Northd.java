package io.slipway.formation.ovn;

import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.problem.ProblemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * northd runs on every voter; one works and the others stand by (ovn-northd(8), "Active-Standby"). It is started with the
 * databases, but a formation that was killed there may have left a voter without.
 */
record Northd(Voters voters) implements Step.Work {
    private static final String ACTIVE = "Status: active";
    private static final String STANDBY = "Status: standby";

    /** What northd says of itself on each voter; nothing where it does not run. */
    private Map<String, String> ask(boolean fresh) throws InterruptedException {
        Voters.Everyone everyone = voters.askAll(fresh);
        for (ProblemException silent : everyone.silent().values()) {
            throw silent;
        }
        var out = new LinkedHashMap<String, String>();
        everyone.views().forEach((voter, view) -> out.put(voter, view.northd()));
        return out;
    }

    @Override
    public Finding probe() throws InterruptedException {
        return judge(ask(false));
    }

    @Override
    public Finding verify() throws InterruptedException {
        return judge(ask(true));
    }

    private Finding judge(Map<String, String> said) {
        var active = new ArrayList<String>();
        var other = new ArrayList<String>();
        said.forEach((voter, status) -> {
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
        for (Map.Entry<String, String> each : ask(true).entrySet()) {
            if (each.getValue().isEmpty()) {
                voters.start(voters.cluster().getNode(each.getKey()), "start");
            }
        }
    }
}
