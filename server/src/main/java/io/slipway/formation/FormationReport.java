package io.slipway.formation;

import io.slipway.problem.Problem;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param steps one for each step of the plan, in its order
 * @param interrupted whether it was stopped before its end
 * @param took from its beginning to its end
 */
public record FormationReport(List<Result> steps, boolean interrupted, Duration took) {
    /** What became of a step. */
    public enum Outcome {
        /** It is so, and was not before. */
        DONE,
        /** It was so before. */
        ALREADY_DONE,
        /** It is as it must not be, and the operator said that it may. */
        ACCEPTED,
        /** It could not be made so. */
        FAILED,
        /** It was not tried: something that it depends on is not done, or the run was interrupted. */
        SKIPPED;

        /** Whether what depends on the step may follow. */
        public boolean isGood() {
            return this != FAILED && this != SKIPPED;
        }
    }

    /**
     * One step.
     *
     * @param text what was found at its end, or why it was skipped
     * @param problem of a step that failed or was accepted, otherwise null
     * @param took from its beginning to its end; zero where it was not tried
     */
    public record Result(
            Step step,
            Outcome outcome,
            String text,
            @Nullable Problem problem,
            Duration took) {}

    public FormationReport {
        steps = List.copyOf(steps);
    }

    /** Whether everything is as the plan says, or accepted. */
    public boolean succeeded() {
        return !interrupted && steps.stream().allMatch(each -> each.outcome().isGood());
    }

    /** Whether nothing had to be done. */
    public boolean changedNothing() {
        return steps.stream().noneMatch(each -> each.outcome() == Outcome.DONE || each.outcome() == Outcome.FAILED);
    }

    /** Why it did not succeed: one for each step that failed, in the plan's order. */
    public List<Problem> problems() {
        return steps.stream()
                .filter(each -> each.outcome() == Outcome.FAILED)
                .map(Result::problem)
                .filter(problem -> problem != null)
                .toList();
    }

    /** How many steps ended so. */
    public long count(Outcome outcome) {
        return steps.stream().filter(each -> each.outcome() == outcome).count();
    }
}
