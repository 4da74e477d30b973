package io.slipway.cli;

import io.slipway.inventory.Packages;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.SlackBuildTree;
import io.slipway.slackbuild.tree.SlackBuildTrees;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which SlackBuilds there are, and which of them are wanted. */
final class SlackBuildOptions {
    @Option(
            names = "--slackbuilds",
            paramLabel = "DIR",
            description = "More SlackBuilds, or one; may be repeated. What is found later replaces what has its name.")
    private List<Path> more = new ArrayList<>();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A cluster's file; its packages section names stacks and more SlackBuilds.")
    private @Nullable Path file;

    private @Nullable Packages packages() {
        return file == null ? null : ClusterYamlReader.read(file).packages();
    }

    /**
     * @throws io.slipway.problem.ProblemException if a directory or a stacks.yaml cannot be read
     */
    Catalogue catalogue() {
        var trees = new ArrayList<SlackBuildTree>();
        trees.add(SlackBuildTrees.read(Installation.slackbuilds()));
        Packages packages = packages();
        if (packages != null) {
            packages.slackbuilds().forEach(directory -> trees.add(SlackBuildTrees.read(Path.of(directory))));
        }
        more.forEach(directory -> trees.add(SlackBuildTrees.read(directory)));
        return new Catalogue(trees);
    }

    /** What is asked for, or else what the cluster's file names; empty for all stacks. */
    List<String> wanted(List<String> asked) {
        Packages packages = packages();
        return asked.isEmpty() && packages != null ? packages.stacks() : asked;
    }
}
