package io.slipway.formation.linstor;

import io.slipway.formation.Finding;
import io.slipway.formation.Step;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;

/**
 * Something that the controller knows. Where it does not answer, nothing is known; that is no failure, since steps are
 * looked at before the controller runs.
 *
 * @param <T> what it said
 */
abstract class ControllerWork<T> implements Step.Work {
    /** Asks the controller and nobody else. */
    abstract T ask() throws InterruptedException;

    /** What that means; nodes may be asked here. */
    abstract Finding judge(T said) throws InterruptedException;

    @Override
    public final Finding probe() throws InterruptedException {
        T said;
        try {
            said = ask();
        } catch (ProblemException silence) {
            if (silence.kind() != ProblemKind.UNREACHABLE) {
                throw silence;
            }
            return Finding.unknown("LINSTOR's controller does not answer");
        }
        return judge(said);
    }
}
