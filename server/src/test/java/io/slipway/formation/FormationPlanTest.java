package io.slipway.formation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormationPlanTest {
    private static Step step(String id, String... after) {
        Step.Check done = () -> Finding.done("");
        return Step.of(id, "node1", id + " is there", done).after(after);
    }

    private static List<String> ids(FormationPlan plan) {
        return plan.steps().stream().map(Step::id).toList();
    }

    @Test
    void stepsComeAfterWhatTheyDependOnAndOtherwiseInTheGivenOrder() {
        assertThat(ids(FormationPlan.of(List.of(step("d", "c", "a"), step("a"), step("b"), step("c", "b")))))
                .containsExactly("b", "c", "a", "d");
        assertThat(ids(FormationPlan.of(List.of(step("b"), step("a"))))).containsExactly("b", "a");
    }

    @Test
    void circlesMissingStepsAndTwinsAreRefused() {
        assertThatThrownBy(
                        () -> FormationPlan.of(List.of(step("x", "a"), step("a", "b"), step("b", "c"), step("c", "a"))))
                .hasMessage("steps wait for each other: a after b after c after a");
        assertThatThrownBy(() -> FormationPlan.of(List.of(step("a", "a")))).hasMessageContaining("a after a");
        assertThatThrownBy(() -> FormationPlan.of(List.of(step("a", "ghost"))))
                .hasMessageContaining("a depends on ghost, which is not there");
        assertThatThrownBy(() -> FormationPlan.of(List.of(step("a"), step("a"))))
                .hasMessageContaining("called a");
        assertThatThrownBy(() -> new FormationPlan(List.of(step("b", "a"), step("a"))))
                .hasMessageContaining("b depends on a, which does not come before it");
    }

    @Test
    void aSmallerPlanHasWhatAStepNeedsAndNothingElse() {
        var plan = FormationPlan.of(List.of(step("a"), step("b", "a"), step("c", "b"), step("d", "a"), step("e", "c")));
        assertThat(ids(plan.until("c"))).containsExactly("a", "b", "c");
        assertThat(ids(plan.only("c"))).containsExactly("a", "b", "c");
        assertThatThrownBy(() -> plan.until("z"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ProblemKind.NOT_FOUND))
                .hasMessageContaining("Take one of: a, b, c, d, e.");
    }

    @Test
    void onlyOneStepLooksAtTheOthersAndNamesWhatIsMissing() throws InterruptedException {
        var findings = new ArrayDeque<>(List.of(Finding.toDo("one of three is there"), Finding.done("all are there")));
        Step.Check changing = findings::remove;
        var plan = FormationPlan.of(List.of(Step.of("a", "node1", "a is there", changing), step("b", "a")));
        Step.Work needed = plan.only("b").steps().get(0).work();
        assertThat(needed.probe().problem())
                .satisfies(problem -> assertThat(problem.text())
                        .contains("b needs a, which is not done", "one of three is there", "slipway form --until b"));
        assertThat(needed.probe().state()).isEqualTo(Finding.State.DONE);
    }

    @Test
    void aPlanCanBeRead() {
        assertThat(FormationPlan.of(List.of(step("a"), step("b", "a"))).text())
                .isEqualTo("a: a is there\nb: b is there (after a)\n");
        assertThat(FormationPlan.of(List.of(step("a").acceptableAs("cpu"), step("b")))
                        .acceptIds())
                .containsExactly("cpu");
    }

    @Test
    void stepsOfOneNodeAndOfTheWholeClusterExcludeOthers() {
        Step.Check done = () -> Finding.done("");
        Step one = Step.of("one", "node1", "x", done);
        Step two = Step.of("two", "node2", "x", done);
        Step all = Step.of("all", "", "x", done);
        assertThat(one.excludes(two)).isFalse();
        assertThat(one.excludes(one)).isTrue();
        assertThat(all.excludes(two)).isTrue();
        assertThat(one.excludes(all)).isTrue();
        assertThat(all.occupying(java.util.Set.of("node2")).excludes(one)).isFalse();
    }
}
