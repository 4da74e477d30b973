package io.slipway.formation.proof;

import io.slipway.formation.Finding;
import io.slipway.formation.NodeScript;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;

/**
 * Live migration. What is at hand on every node makes containers, not virtual machines: a kernel and a disk image would
 * have to be brought. So this says on which members virtual machines can run, and that none was moved.
 */
final class ProofLive extends ProofWork {
    private static final String LOOK = """
            [ ! -c /dev/kvm ] || echo kvm=yes
            """;

    ProofLive(Trial trial) {
        super(trial);
    }

    @Override
    String before(String live) {
        return live;
    }

    @Override
    Finding look() throws InterruptedException {
        if (!trial.isImported()) {
            return Finding.unknown("there are no instances yet");
        }
        var without = new ArrayList<String>();
        for (String node : trial.members.names()) {
            try {
                boolean has = !new NodeScript(node, trial.members.nodes())
                        .ask("It cannot be seen whether " + node + " has KVM", LOOK)
                        .one("kvm")
                        .isEmpty();
                if (!has) {
                    without.add(node);
                }
            } catch (ProblemException silent) {
                if (silent.kind() != ProblemKind.UNREACHABLE) {
                    throw silent;
                }
                without.add(node);
            }
        }
        trial.live(
                !trial.hasTwoMembers()
                        ? "not checked: Incus has one member only"
                        : without.isEmpty()
                                ? "not checked: KVM is there, but no image of a virtual machine is at hand"
                                : "not checked: no KVM on " + String.join(", ", without));
        return Finding.done(trial.live());
    }
}
