package io.slipway.formation.preflight;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.formation.Finding.State;
import io.slipway.formation.FormationPlan;
import io.slipway.formation.FormationReport;
import io.slipway.formation.FormationReport.Outcome;
import io.slipway.formation.FormationRunner;
import io.slipway.formation.Nodes;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Network;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The steps with nodes that say what they are told to. */
@Timeout(60)
class PreflightStepsTest {
    private static final Cluster LAB = ClusterYamlReader.read(Repository.example("lab"));
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Map<String, Said> said = new ConcurrentHashMap<>(
            Map.of("node1", Said.by("node1"), "node2", Said.by("node2"), "node3", Said.by("node3")));
    private final Set<String> down = ConcurrentHashMap.newKeySet();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    /** Bytes that pass everywhere. */
    private volatile int passing = 1500;

    private final Nodes nodes = node -> (command, line) -> {
        if (down.contains(node)) {
            asked.add(node + " silent");
            throw Problem.of(ProblemKind.UNREACHABLE, node + " does not answer.", "Look at it.")
                    .asException();
        }
        String answer = answer(node, command);
        answer.lines().forEach(line);
        return new CommandResult(command, 0, false, answer, "");
    };
    /** Seconds that node3's clock is ahead. */
    private volatile long ahead;

    private String answer(String node, Command command) {
        if (command.arguments().get(0).equals("date")) {
            asked.add(node + " date");
            return time(node);
        }
        String script = command.arguments().get(2);
        if (script.contains("pkgtools")) {
            asked.add(node + " facts");
            return "time=" + time(node) + requireNonNull(said.get(node)).text();
        }
        if (!script.contains("ping ")) {
            asked.add(node + " " + script.substring(0, script.indexOf(' ', 11)) + " "
                    + String.join(
                            " ",
                            command.arguments().subList(4, command.arguments().size())));
            return "";
        }
        asked.add(node + " ping");
        var out = new StringBuilder();
        for (String target : command.arguments().subList(6, command.arguments().size())) {
            String[] fields = target.split(" ");
            out.append(
                            Integer.parseInt(fields[3]) <= passing
                                    ? "whole=" + fields[0]
                                    : "part=" + fields[0] + " " + passing)
                    .append('\n');
        }
        return out.toString();
    }

    private String time(String node) {
        return NOW.getEpochSecond() + (node.equals("node3") ? ahead : 0) + ".000000000\n";
    }

    private FormationReport run(Cluster cluster, String... accepted) {
        var plan = FormationPlan.of(PreflightSteps.of(cluster, nodes, InstantSource.fixed(NOW)));
        return new FormationRunner(event -> {}, InstantSource.fixed(NOW)).run(plan, Set.of(accepted));
    }

    private static Map<String, FormationReport.Result> results(FormationReport report) {
        return report.steps().stream()
                .collect(Collectors.toMap(each -> each.step().id(), each -> each));
    }

    private static FormationReport.Result result(FormationReport report, String id) {
        return requireNonNull(results(report).get(id), id);
    }

    @Test
    void nodesInOrderAreAskedOnceEach() {
        FormationReport report = run(LAB);

        assertThat(report.succeeded()).isTrue();
        assertThat(report.changedNothing()).isTrue();
        assertThat(report.count(Outcome.ALREADY_DONE)).isEqualTo(report.steps().size());
        assertThat(asked)
                .containsExactlyInAnyOrder(
                        "node1 facts", "node2 facts", "node3 facts", "node1 ping", "node2 ping", "node3 ping");
    }

    @Test
    void everyStepComesBeforeTheLast() {
        for (String example : Repository.examples()) {
            var steps = PreflightSteps.of(
                    ClusterYamlReader.read(Repository.example(example)), nodes, InstantSource.system());
            var last = steps.get(steps.size() - 1);
            assertThat(last.id()).isEqualTo(PreflightSteps.LAST);
            var all = new LinkedHashSet<>(steps.stream().map(each -> each.id()).toList());
            all.remove(PreflightSteps.LAST);
            assertThat(Set.copyOf(last.after())).isEqualTo(all);
        }
    }

    @Test
    void aSilentNodeIsNamedAndStopsNobodyElsesLogin() {
        down.add("node2");
        FormationReport report = run(LAB);

        assertThat(report.succeeded()).isFalse();
        assertThat(result(report, "preflight.login.node1").outcome()).isEqualTo(Outcome.ALREADY_DONE);
        assertThat(result(report, "preflight.room.node3").outcome()).isEqualTo(Outcome.ALREADY_DONE);
        assertThat(report.problems()).extracting(Problem::summary).containsExactly("node2 does not answer.");
        assertThat(result(report, "preflight.kernel").text()).isEqualTo("preflight.login.node2 failed");
        assertThat(result(report, PreflightSteps.LAST).outcome()).isEqualTo(Outcome.SKIPPED);
    }

    @Test
    void aPlanIsShownWithoutAskingTheSilentAgainAndAgain() throws Exception {
        down.add("node2");
        var plan = FormationPlan.of(PreflightSteps.of(LAB, nodes, InstantSource.fixed(NOW)));
        var outlook = new FormationRunner(event -> {}, InstantSource.fixed(NOW)).look(plan);

        assertThat(outlook.steps())
                .filteredOn(each -> each.step().id().equals("preflight.former"))
                .allMatch(each -> each.finding().state() == State.UNKNOWN);
        assertThat(asked).filteredOn("node2 silent"::equals).hasSize(1);
    }

    @Test
    void whatIsWrongStopsUnlessAccepted() {
        requireNonNull(said.get("node3")).without("kernel").with("kernel=5.15.1");
        FormationReport report = run(LAB);
        assertThat(result(report, "preflight.kernel").outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result(report, PreflightSteps.LAST).outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(report.problems().get(0).correction()).contains("--accept preflight.kernel");

        report = run(LAB, "preflight.kernel");
        assertThat(result(report, "preflight.kernel").outcome()).isEqualTo(Outcome.ACCEPTED);
        assertThat(result(report, PreflightSteps.LAST).outcome()).isEqualTo(Outcome.ALREADY_DONE);
    }

    @Test
    void aClockThatIsAnHourOffIsNamed() {
        ahead = 3600;
        assertThat(result(run(LAB), "preflight.clocks").text()).contains("found node3 60 min 0 s ahead");
        assertThat(asked).doesNotContain("node3 date");
    }

    @Test
    void aSmallerMtuIsSaid() {
        passing = 1400;
        assertThat(result(run(LAB), "preflight.network.lan").text()).contains("node1 to node2 1400 bytes");
    }

    private static Cluster withoutAddresses() {
        Network lan = LAB.getNetwork("lan");
        var bare = new Network("client", lan.interfaces(), 0, lan.bridge(), false, null, 1500);
        return new Cluster(
                LAB.identity(),
                LAB.slackware(),
                LAB.packages(),
                LAB.serve(),
                LAB.bonds(),
                List.of(lan, bare),
                LAB.traffic(),
                LAB.nodes(),
                LAB.ovn(),
                null,
                LAB.incus(),
                null,
                null);
    }

    @Test
    void aNetworkWithoutAddressesIsSeenThroughTheKernelsOwn() {
        FormationReport report = run(withoutAddresses());
        assertThat(result(report, "preflight.network.client").outcome()).isEqualTo(Outcome.ALREADY_DONE);
        assertThat(report.changedNothing()).isTrue();
    }

    @Test
    void whereTheKernelGivesNoneTemporaryOnesAreGivenAndTakenAway() {
        for (String node : List.of("node1", "node2", "node3")) {
            String links = Said.links(node, 1500).replaceAll(",\\s*\\{\"family\":\"inet6\"[^}]*}", "");
            requireNonNull(said.get(node)).without("links").with("links=" + links);
        }
        FormationReport report = run(withoutAddresses());
        assertThat(result(report, "preflight.network.client").outcome()).isEqualTo(Outcome.DONE);
        assertThat(asked)
                .contains("node1 ip address replace cluster-br 169.254.255.1/29 60")
                .contains("node3 ip address replace cluster-br 169.254.255.3/29 60")
                .contains("node1 ip address delete cluster-br 169.254.255.1/29")
                .contains("node3 ip address delete cluster-br 169.254.255.3/29");

        passing = 1400;
        assertThat(result(run(withoutAddresses(), "preflight.network.lan"), "preflight.network.client")
                        .outcome())
                .isEqualTo(Outcome.FAILED);
    }
}
