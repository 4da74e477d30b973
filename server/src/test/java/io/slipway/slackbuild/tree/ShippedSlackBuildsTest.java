package io.slipway.slackbuild.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.process.LocalCommandRunner;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.SlackBuildTree;
import io.slipway.slackbuild.lint.Finding;
import io.slipway.slackbuild.lint.Linter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is in {@code slackbuilds/} keeps our own rules, whatever is added to it. */
class ShippedSlackBuildsTest {
    private static final Path SHIPPED = Repository.root().resolve("slackbuilds");

    @Test
    void allKeepTheRules() throws Exception {
        var syntax = new BashSyntax(new LocalCommandRunner());
        var errors = new ArrayList<String>();
        for (Path directory : SlackBuildTrees.list(SHIPPED)) {
            Linter.lint(SlackBuildTrees.files(directory), syntax).stream()
                    .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                    .map(Finding::text)
                    .forEach(errors::add);
        }
        assertThat(errors).isEmpty();
    }

    @Test
    void allStacksCanBeOrderedAndNothingIsAssumed() {
        SlackBuildTree tree = SlackBuildTrees.read(SHIPPED);
        assertThat(tree.broken()).isEmpty();
        BuildGraph graph = BuildGraph.of(new Catalogue(List.of(tree)), List.of());
        assertThat(graph.notes()).isEmpty();
        assertThat(graph.steps())
                .as("every SlackBuild stands in a stack or is needed by one")
                .extracting(BuildGraph.Step::name)
                .containsExactlyInAnyOrderElementsOf(tree.slackbuilds().keySet());
        assertThat(graph.steps())
                .allSatisfy(step ->
                        assertThat(step.slackbuild().packageName().name()).isEqualTo(step.name()));
    }

    @Test
    void eachSaysTheNameThatLookingAtItTells() throws Exception {
        PackageNaming naming = new PrintedPackageName(new LocalCommandRunner(), command -> command);
        for (SlackBuild slackbuild : SlackBuildTrees.read(SHIPPED).slackbuilds().values()) {
            assertThat(naming.name(slackbuild, Map.of("KERNEL", "KERNEL"))).isEqualTo(slackbuild.packageName());
        }
    }
}
