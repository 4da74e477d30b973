package io.slipway.formation.ovn;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.formation.Nodes;
import io.slipway.formation.Step;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command.Input;
import java.time.Duration;

/**
 * Open vSwitch runs and knows its name. That is the node's, so a machine that is installed again is the same chassis.
 *
 * @param node the node's name
 * @param nodes reaches it
 */
record OpenVswitch(String node, Nodes nodes) implements Step.Work {
    private static final String LOOK = """
            if /etc/rc.d/rc.openvswitch status >/dev/null 2>&1; then
              echo running=yes
              echo "id=$(ovs-vsctl --timeout=10 --if-exists get open_vswitch . external_ids:system-id | tr -d '"')"
              echo "version=$(ovs-vsctl --timeout=10 --version | head -n 1)"
            fi
            """;

    private static final String ACT = """
            /etc/rc.d/rc.openvswitch status >/dev/null 2>&1 || /etc/rc.d/rc.openvswitch start || exit
            ovs-vsctl --timeout=20 set open_vswitch . "external_ids:system-id=$1"
            """;

    @Override
    public Finding probe() throws InterruptedException {
        var said = new NodeScript(node, nodes).ask("Open vSwitch on " + node + " cannot be looked at", LOOK);
        if (said.one("running").isEmpty()) {
            return Finding.toDo("it does not run");
        }
        return said.one("id").equals(node)
                ? Finding.done(said.one("version"))
                : Finding.toDo("its system-id is \"" + said.one("id") + '"');
    }

    @Override
    public void act() throws InterruptedException {
        new NodeScript(node, nodes)
                .run(Duration.ofMinutes(2), Input.NONE, ACT, node)
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "Open vSwitch could not be started on " + node,
                        "Read /var/log/openvswitch/ there; its kernel needs the module openvswitch.");
    }
}
