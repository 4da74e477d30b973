package io.slipway.slackbuild.build;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.tree.SlackBuildTrees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildRunnerTest {
    @TempDir
    private Path directory;

    @Test
    void slackwaresPackagesOfTheSameNamesAreNotInTheRoot() throws Exception {
        Samples.write(directory.resolve("tree"), Samples.files("alpha", "1.0", "zeta"));
        Samples.write(directory.resolve("tree"), Samples.files("zeta", "2.0", ""));
        Samples.write(directory.resolve("tree"), Samples.files("other", "3.0", ""));
        Files.writeString(
                directory.resolve("tree/stacks.yaml"),
                "stacks:\n  mine: {description: x, slackbuilds: [alpha, zeta, other], series: [a]}\n");
        var left = new ArrayList<Set<String>>();
        var plan = BuildRunner.plan(
                BuildGraph.of(
                        new Catalogue(List.of(SlackBuildTrees.read(directory.resolve("tree")))),
                        List.of("alpha", "other")),
                directory.resolve("sources.lock"),
                (series, more, without) -> {
                    left.add(Set.copyOf(without));
                    return List.of();
                },
                new PackageCache(directory.resolve("state")));

        assertThat(plan.items()).extracting(BuildPlan.Item::name).containsExactlyInAnyOrder("zeta", "alpha", "other");
        assertThat(left).containsExactlyInAnyOrder(Set.of("zeta"), Set.of("alpha", "zeta"), Set.of("other"));
    }
}
