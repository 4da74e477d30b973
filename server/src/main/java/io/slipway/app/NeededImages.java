package io.slipway.app;

import io.slipway.lifecycle.NodeState;
import io.slipway.lifecycle.journal.EventJournal;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * The images that nodes are armed for or install from, by digest. A running appliance is asked; while none runs its event
 * log is read, because an installer waits for the appliance to come back.
 */
public final class NeededImages {
    private NeededImages() {}

    /**
     * @throws ProblemException if that cannot be found out, so that nothing may be removed
     */
    public static Set<String> of(Path state) {
        var out = new TreeSet<String>();
        try {
            var needed = ApplianceClient.open(state).status(0, 0).path("needed");
            if (!needed.isArray()) {
                throw Problem.of(
                                ProblemKind.CONFLICT,
                                "The running appliance does not say which images nodes install from.",
                                "It is an older slipway: restart slipway serve, then run the same command again.")
                        .asException();
            }
            needed.forEach(digest -> out.add(digest.asText()));
            return out;
        } catch (ProblemException e) {
            if (e.kind() != ProblemKind.UNREACHABLE) {
                throw e;
            }
        }
        Path log = state.resolve(Appliance.EVENT_LOG);
        if (Files.exists(log)) {
            try (var journal = EventJournal.open(log)) {
                journal.listStates().values().stream()
                        .map(NodeState::neededImages)
                        .forEach(out::addAll);
            }
        }
        return out;
    }
}
