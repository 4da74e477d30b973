package io.slipway.formation;

import java.util.List;

/**
 * What a run would find, without having changed anything.
 *
 * @param steps one for each step of the plan, in its order
 */
public record FormationOutlook(List<Expectation> steps) {
    /**
     * One step.
     *
     * @param finding what its probe said; {@link Finding.State#UNKNOWN} where it could not look
     */
    public record Expectation(Step step, Finding finding) {}

    public FormationOutlook {
        steps = List.copyOf(steps);
    }

    /** How many steps are found so. */
    public long count(Finding.State state) {
        return steps.stream().filter(each -> each.finding().state() == state).count();
    }
}
