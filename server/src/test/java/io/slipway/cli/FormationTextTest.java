package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.formation.Finding;
import io.slipway.formation.FormationEvent;
import io.slipway.formation.FormationOutlook;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationReport.Outcome;
import io.slipway.formation.Step;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormationTextTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Step.Check NEVER = () -> Finding.unknown("");
    private static final Step OVS = Step.of("ovs.node1", "node1", "Open vSwitch runs on node1", NEVER);
    private static final Step JOIN = Step.of("ovn.join.node2", "node2", "node2 is a voter", NEVER)
            .waiting("waiting until node2 has caught up")
            .after("ovs.node1");
    private static final Step CPU = Step.of("cpu", "", "all nodes have one CPU model", NEVER);
    private static final Problem PROBLEM =
            new Problem(ProblemKind.TIMED_OUT, "It did not come about.", "Port 6644 is refused.", "Look at node1.", "");
    private static final Duration TIME = Duration.ofMillis(2340);

    @Test
    void linesSayWhenWhatAndWhy() {
        assertThat(FormationText.line(new FormationEvent.Started(NOW, OVS)))
                .isEqualTo("12:00:00  ovs.node1: started: Open vSwitch runs on node1");
        assertThat(FormationText.line(new FormationEvent.Done(NOW, OVS, "version 3.3", TIME)))
                .isEqualTo("12:00:00  ovs.node1: done in 2.3 s: version 3.3");
        assertThat(FormationText.line(new FormationEvent.Failed(NOW, JOIN, PROBLEM, Duration.ofSeconds(125))))
                .isEqualTo("""
                        12:00:00  ovn.join.node2: failed in 2 min 5 s: It did not come about.
                          Cause: Port 6644 is refused.
                          Do: Look at node1.""");
    }

    @Test
    void theTableShowsWhatIsAtWorkBelowWhatEnded() {
        var plan = FormationPlan.of(List.of(OVS, JOIN, CPU));
        List<FormationEvent> heard = List.of(
                new FormationEvent.Started(NOW, OVS),
                new FormationEvent.AlreadyDone(NOW, CPU, "Xeon", TIME),
                new FormationEvent.Done(NOW, OVS, "version 3.3", TIME),
                new FormationEvent.Started(NOW, JOIN),
                new FormationEvent.Waiting(NOW.plusSeconds(4), JOIN, "2 of 3 servers"));
        assertThat(FormationText.table(plan, heard, NOW.plusSeconds(10))).isEqualTo("""
                        Formation: 2 of 3 steps have ended

                        cpu             already done           Xeon
                        ovs.node1       done            2.3 s  version 3.3
                        ovn.join.node2  waiting        10.0 s  waiting until node2 has caught up: 2 of 3 servers
                        """);
    }

    @Test
    void theEndSaysWhatStandsAndWhatToDo() {
        var failed = new FormationReport(
                List.of(
                        new FormationReport.Result(OVS, Outcome.DONE, "", null, TIME),
                        new FormationReport.Result(JOIN, Outcome.FAILED, "", PROBLEM, TIME),
                        new FormationReport.Result(CPU, Outcome.SKIPPED, "ovn.join.node2 failed", null, Duration.ZERO)),
                false,
                Duration.ofSeconds(61));
        assertThat(FormationText.report(failed)).isEqualTo("""
                        Step ovn.join.node2 failed. It did not come about.
                          Cause: Port 6644 is refused.
                          Do: Look at node1.

                        Not done after 1 min 1 s: 1 done, 1 failed, 1 not tried.
                        Run slipway form again: it goes on where the cluster is.
                        """);
        assertThat(FormationText.json(failed).toString())
                .contains("\"succeeded\":false", "\"outcome\":\"skipped\"", "\"kind\":\"TIMED_OUT\"");
        var idle = new FormationReport(
                List.of(new FormationReport.Result(OVS, Outcome.ALREADY_DONE, "", null, TIME)), false, TIME);
        assertThat(FormationText.report(idle)).isEqualTo("Nothing was to be done: all 1 steps are done (2.3 s).\n");
    }

    @Test
    void thePlanSaysOfEachStepWhetherItIsDone() {
        var outlook = new FormationOutlook(List.of(
                new FormationOutlook.Expectation(OVS, Finding.done("version 3.3")),
                new FormationOutlook.Expectation(JOIN, Finding.unknown("it can be seen after ovs.node1")),
                new FormationOutlook.Expectation(CPU, Finding.wrong(PROBLEM))));
        assertThat(FormationText.outlook(outlook)).isEqualTo("""
                        ovs.node1       done                   Open vSwitch runs on node1 (version 3.3)
                        ovn.join.node2  unknown yet            node2 is a voter (it can be seen after ovs.node1)
                        cpu             wrong                  all nodes have one CPU model (It did not come about.)

                        1 done, 0 to do, 1 unknown yet, 1 wrong. Nothing was changed.
                        """);
        assertThat(FormationText.json(outlook).path("steps").get(1).toString())
                .contains("\"after\":[\"ovs.node1\"]", "\"state\":\"unknown yet\"");
    }

    @Test
    void eventsAreJsonForPrograms() {
        assertThat(FormationText.json(new FormationEvent.Done(NOW, OVS, "version 3.3", TIME))
                        .toString())
                .isEqualTo("{\"at\":\"2026-01-01T12:00:00Z\",\"event\":\"done\",\"step\":\"ovs.node1\","
                        + "\"node\":\"node1\",\"text\":\"version 3.3\",\"seconds\":2.34}");
    }
}
