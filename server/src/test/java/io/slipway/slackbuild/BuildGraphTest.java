package io.slipway.slackbuild;

import static io.slipway.slackbuild.Samples.problems;
import static io.slipway.slackbuild.Samples.said;
import static io.slipway.slackbuild.Samples.tree;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Golden;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuildGraphTest {
    private static final String STACKS = """
            stacks:
              ovn: {description: x, slackbuilds: [ovn, openvswitch], series: [a, d]}
              incus: {description: x, slackbuilds: [incus, ui], series: [a, l]}
            slackbuilds:
              go: {provides: [google-go-lang], conflicts: [gcc-go, google-go-lang], buildOnly: true}
              ui: {requires: [node]}
            slackware:
              lxc: lxc
              spice-protocol: spice
            """;

    private static final String[] TREE = {
        "incus: cowsql raft google-go-lang lxc",
        "cowsql: raft",
        "raft",
        "go",
        "ui",
        "node",
        "openvswitch",
        "ovn: openvswitch spice-protocol",
        "unused: ovn"
    };

    private static BuildGraph graph(String stacks, List<String> wanted, String... tree) {
        return BuildGraph.of(new Catalogue(List.of(tree(stacks, tree))), wanted);
    }

    private static List<String> names(BuildGraph graph) {
        return graph.steps().stream().map(BuildGraph.Step::name).toList();
    }

    @Test
    void eachComesAfterAllThatItNeeds() {
        BuildGraph graph = graph(STACKS, List.of(), TREE);
        assertThat(names(graph)).containsExactly("openvswitch", "ovn", "raft", "cowsql", "go", "incus", "node", "ui");
        assertThat(graph.leftOut()).isEqualTo(Map.of("gcc-go", Set.of("go"), "google-go-lang", Set.of("go")));
        BuildGraph.Step incus = graph.steps().get(5);
        assertThat(incus.after()).containsExactly("raft", "cowsql", "go");
        assertThat(incus.slackware()).containsExactly("lxc");
        assertThat(incus.stack()).isEqualTo("incus");
        assertThat(incus.series()).containsExactly("a", "l");
        assertThat(incus.level()).isEqualTo(2);
        assertThat(incus.buildOnly()).isFalse();
        BuildGraph.Step go = graph.steps().get(4);
        assertThat(go.buildOnly()).isTrue();
        assertThat(go.stack()).isEmpty();
        assertThat(go.series()).isEqualTo(Catalogue.DEFAULT_SERIES);
        assertThat(graph.closure("incus").stream().map(BuildGraph.Step::name)).containsExactly("raft", "cowsql", "go");
        assertThat(graph.closure("raft")).isEmpty();
    }

    @Test
    void stacksAndSingleOnesCanBeAskedFor() {
        assertThat(names(graph(STACKS, List.of("ovn"), TREE))).containsExactly("openvswitch", "ovn");
        assertThat(names(graph(STACKS, List.of("cowsql", "google-go-lang"), TREE)))
                .containsExactly("go", "raft", "cowsql");
        assertThat(said(() -> graph(STACKS, List.of("icnus", "nonsense"), TREE)))
                .contains("no stack and no SlackBuild \"icnus\"")
                .contains("Did you mean \"incus\"? Stacks: ovn, incus.")
                .contains("\"nonsense\"");
    }

    @Test
    void missingOnesAreSaidWithThePathToThem() {
        String said = said(() -> graph(STACKS, List.of(), "incus: cowsql", "cowsql: rafd libx", "raft", "ui", "ovn"));
        assertThat(said)
                .contains("slackbuilds/cowsql/cowsql.info:8: cowsql requires rafd, and there is no SlackBuild")
                .contains("Did you mean \"raft\"?")
                .contains("Path: stack incus → incus → cowsql → rafd")
                .contains("Path: stack incus → incus → cowsql → libx")
                .contains("stacks.yaml:2:44: the stack ovn names openvswitch, and there is no SlackBuild")
                .contains("Path: stack ovn → openvswitch")
                .contains("stacks.yaml:6:19: ui requires node")
                .contains("Path: stack incus → ui → node");
    }

    @Test
    void circlesAreSaidOnceEachAndTogetherWithTheRest() {
        List<Problem> problems = problems(() -> graph(
                "stacks: {s: {description: x, slackbuilds: [a], series: [a]}}",
                List.of("s"),
                "a: b",
                "b: c self",
                "c: d x",
                "d: b e missing",
                "x: y",
                "y: x",
                "e",
                "self: self"));
        assertThat(problems)
                .extracting(Problem::summary)
                .containsExactly(
                        "slackbuilds/d/d.info:8: d requires missing, and there is no SlackBuild of that name.",
                        "These need each other: b → c → d → b.",
                        "These need each other: self → self.",
                        "These need each other: x → y → x.");
        assertThat(problems).extracting(Problem::details).contains("Path: stack s → a → b → c → x");
    }

    @Test
    void conflictsAreSaidWithBothPaths() {
        String stacks = STACKS.replace("ui: {requires: [node]}", "ui: {conflicts: [openvswitch, lxc]}");
        List<Problem> problems = problems(() -> graph(stacks, List.of(), TREE));
        assertThat(problems).extracting(Problem::kind).containsOnly(ProblemKind.CONFLICT);
        assertThat(problems)
                .extracting(Problem::summary)
                .containsExactly(
                        "stacks.yaml:6:20: ui and openvswitch conflict, and both are needed.",
                        "stacks.yaml:6:33: ui conflicts with Slackware's lxc, which incus requires"
                                + " (slackbuilds/incus/incus.info:8).");
        assertThat(problems.get(0).details()).isEqualTo("Path: stack incus → ui\nPath: stack ovn → openvswitch");
        assertThat(names(graph(stacks, List.of("ui"), TREE))).containsExactly("ui");
    }

    @Test
    void ofTwoThatMakeTheSamePackageOneMustBeNamed() {
        var trees = new ArrayList<SlackBuildTree>();
        var slackbuilds = new TreeMap<String, SlackBuild>();
        for (String name : List.of("libyang3", "libyang4")) {
            slackbuilds.put(
                    name,
                    SlackBuildReader.read(
                            Samples.files(name, Map.of(name + ".SlackBuild", Samples.script("libyang", "4.0")))));
        }
        trees.add(new SlackBuildTree("mine", Stacks.NONE, slackbuilds, Map.of()));
        trees.add(tree("stacks: {}", "frr: libyang"));
        assertThat(said(() -> BuildGraph.of(new Catalogue(trees), List.of("frr"))))
                .contains("frr requires libyang, and libyang3, libyang4 all make a package of that name")
                .contains("Path: frr → libyang");
        trees.add(tree("stacks: {}\nslackbuilds: {libyang4: {provides: [libyang]}}"));
        assertThat(names(BuildGraph.of(new Catalogue(trees), List.of("frr")))).containsExactly("libyang4", "frr");
    }

    @Test
    void aUsersOwnReplacesOurs() {
        SlackBuildTree ours = tree(STACKS, TREE);
        SlackBuild newer = SlackBuildReader.read(Samples.files("raft", "2.0", ""));
        var mine = new SlackBuildTree("mine", Stacks.NONE, Map.of("raft", newer), Map.of());
        var catalogue = new Catalogue(List.of(ours, mine));
        assertThat(BuildGraph.of(catalogue, List.of("raft"))
                        .steps()
                        .get(0)
                        .slackbuild()
                        .version())
                .isEqualTo("2.0");
        assertThat(catalogue.origin("raft")).isEqualTo("mine");
    }

    @Test
    void brokenOnesMatterWhereTheyAreNeeded() {
        var broken = Map.of("raft", List.of(Problem.of(ProblemKind.INVALID_INPUT, "raft.info:1:1: no.", "")));
        var trees = List.of(tree(STACKS, TREE), new SlackBuildTree("mine", Stacks.NONE, Map.of(), broken));
        assertThat(names(BuildGraph.of(new Catalogue(trees), List.of("ovn")))).containsExactly("openvswitch", "ovn");
        assertThat(said(() -> BuildGraph.of(new Catalogue(trees), List.of("incus"))))
                .containsOnlyOnce("raft.info:1:1: no.")
                .contains("Path: stack incus → incus → raft");
        assertThat(said(() -> BuildGraph.of(new Catalogue(trees), List.of("raft"))))
                .contains("raft.info:1:1: no.");
    }

    @Test
    void whatCannotBeUsedStopsOnlyWhatNeedsIt() {
        var broken = Map.of("raft", List.of(Problem.of(ProblemKind.INVALID_INPUT, "raft.info:1:1: no.", "")));
        var trees = List.of(
                tree(
                        "stacks: {s: {description: x, slackbuilds: [top, gone], series: [a]}}",
                        "top: cowsql one lacking ovn",
                        "cowsql: raft",
                        "one: two",
                        "two: one",
                        "lacking: nothing openvswitch",
                        "ovn: openvswitch",
                        "openvswitch"),
                new SlackBuildTree("mine", Stacks.NONE, Map.of(), broken));
        var partial = BuildGraph.partial(new Catalogue(trees), List.of("s"));
        assertThat(names(partial.graph())).containsExactly("openvswitch", "ovn");
        assertThat(partial.faults()).containsOnlyKeys("gone", "raft", "lacking", "one");
        assertThat(partial.problems())
                .extracting(Problem::summary)
                .containsExactly(
                        "stacks.yaml:1:49: the stack s names gone, and there is no SlackBuild of that name.",
                        "raft.info:1:1: no.",
                        "slackbuilds/lacking/lacking.info:8: lacking requires nothing, and there is no SlackBuild of that"
                                + " name.",
                        "These need each other: one → two → one.");
        assertThat(partial.stopped())
                .isEqualTo(Map.of(
                        "top", List.of("cowsql", "one", "lacking"), "cowsql", List.of("raft"), "two", List.of("one")));
        assertThat(said(() -> BuildGraph.partial(new Catalogue(trees), List.of("ovn", "typo"))))
                .contains("no SlackBuild \"typo\"");
    }

    @Test
    void whatOnlyAReadmeSaysIsNoted() {
        BuildGraph graph = graph(STACKS, List.of("a"), "a: %README% b", "b");
        assertThat(names(graph)).containsExactly("b", "a");
        assertThat(graph.notes())
                .anyMatch(note -> note.contains("a.info:8: REQUIRES says %README%"))
                .anyMatch(note -> note.contains("stacks.yaml says something of go, and there is no SlackBuild"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void theOrderFollowsFromWhatIsWrittenAndNotFromWhereItWasFound(int seed) {
        var shuffled = new ArrayList<>(List.of(TREE));
        Collections.shuffle(shuffled, new Random(seed));
        assertThat(names(graph(STACKS, List.of(), shuffled.toArray(String[]::new))))
                .isEqualTo(names(graph(STACKS, List.of(), TREE)));
    }

    @Test
    void longChainsAndLargeCirclesAreNoTrouble() {
        int length = 3000;
        var tree = new String[length];
        for (int i = 0; i < length; i++) {
            tree[i] = "p" + i + ": p" + (i + 1) % length;
        }
        assertThat(problems(() -> graph("stacks: {}", List.of("p0"), tree)))
                .singleElement()
                .extracting(Problem::summary)
                .asString()
                .contains("p0 → p1 → p2");
        tree[length - 1] = "p" + (length - 1);
        assertThat(names(graph("stacks: {}", List.of("p0"), tree)))
                .hasSize(length)
                .endsWith("p1", "p0");
    }

    @Test
    void picturesAndTablesAreAsTheyWere() {
        BuildGraph graph = graph(STACKS, List.of("ovn", "incus", "unused"), TREE);
        Golden.check(
                "slackbuild",
                Map.of(
                        "graph.txt", GraphText.table(graph),
                        "graph.dot", GraphText.dot(graph),
                        "graph.svg", GraphSvg.of(graph)));
    }

    @Test
    void nothingIsNothing() {
        BuildGraph graph = graph("stacks: {s: {description: x, slackbuilds: [], series: [a]}}", List.of());
        assertThat(GraphText.table(graph)).startsWith("Nothing is to be built");
        assertThat(GraphSvg.of(graph)).startsWith("<?xml").endsWith("</svg>\n");
        assertThat(GraphText.dot(graph)).startsWith("digraph").endsWith("}\n");
    }
}
