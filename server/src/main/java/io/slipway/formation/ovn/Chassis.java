package io.slipway.formation.ovn;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Step;
import io.slipway.inventory.Node;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command.Input;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A node that runs ovn-controller and has told Open vSwitch where the Southbound database and its own tunnels' end are. */
record Chassis(Voters voters, Node node) implements Step.Work {
    private static final String LOOK = Rows.SCRIPT + """
            pid=$(cat /var/run/ovn/ovn-controller.pid 2>/dev/null) || exit 0
            echo "connection=$(ovs-appctl --timeout=10 -t "/var/run/ovn/ovn-controller.$pid.ctl" connection-status)"
            """;

    private static final Rows.Ask SETTINGS = new Rows.Ask(
            "unix:/var/run/openvswitch/db.sock", "Open_vSwitch", Map.of("Open_vSwitch", List.of("external_ids")));

    private static final String ACT = """
            ovs-vsctl --timeout=30 set open_vswitch . "$@" || exit
            /etc/rc.d/rc.ovn-host start
            """;

    private Map<String, String> wanted() {
        var out = new LinkedHashMap<String, String>();
        out.put("ovn-remote", voters.remotes(Database.SOUTHBOUND));
        out.put("ovn-encap-type", voters.cluster().ovn().encapsulation());
        out.put(
                "ovn-encap-ip",
                node.address(voters.cluster().traffic().tunnel()).toString());
        return out;
    }

    @Override
    public Finding probe() throws InterruptedException {
        var said = new NodeScript(node.name(), voters.nodes())
                .ask("ovn-controller on " + node.name() + " cannot be looked at", LOOK, Rows.arguments(SETTINGS));
        var rows = Rows.of(said, 0, SETTINGS);
        if (rows == null || rows.get(0).isEmpty()) {
            return Finding.unknown("Open vSwitch on " + node.name() + " does not answer");
        }
        JsonNode row = rows.get(0).get(0);
        Map<String, String> has = Rows.map(row.path("external_ids"));
        var others = new ArrayList<String>();
        wanted().forEach((key, value) -> {
            if (!value.equals(has.get(key))) {
                others.add(key + " is " + has.getOrDefault(key, "not set"));
            }
        });
        if (!others.isEmpty()) {
            return Finding.toDo(String.join(", ", others));
        }
        String connection = said.one("connection");
        return connection.equals("connected")
                ? Finding.done(has.get("ovn-encap-type") + " at " + has.get("ovn-encap-ip"))
                : Finding.toDo("ovn-controller " + (connection.isEmpty() ? "does not run" : "is " + connection));
    }

    @Override
    public void act() throws InterruptedException {
        var words = new ArrayList<String>();
        wanted().forEach((key, value) -> words.add("external_ids:" + key + "=\"" + value + '"'));
        new NodeScript(node.name(), voters.nodes())
                .run(Duration.ofMinutes(2), Input.NONE, ACT, words.toArray(String[]::new))
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "ovn-controller could not be started on " + node.name(),
                        "Read /var/log/ovn/ there.");
    }
}
