package io.slipway.cli;

import io.slipway.inventory.Packages;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.SlackBuildReader;
import io.slipway.slackbuild.SlackBuildTree;
import io.slipway.slackbuild.build.BuildInputs;
import io.slipway.slackbuild.tree.SlackBuildTrees;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which SlackBuilds there are, and which of them are wanted. */
final class SlackBuildOptions {
    private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]*");

    @Option(
            names = "--slackbuilds",
            paramLabel = "DIR",
            description = "More SlackBuilds, or one; may be repeated. What is found later replaces what has its name.")
    private List<Path> more = new ArrayList<>();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A cluster's file; its packages section names stacks, more SlackBuilds and other versions.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "NAME[:VARIABLE]=VALUE",
            description =
                    "Another VERSION of a SlackBuild, or a variable of its script; may be repeated. It holds for the"
                            + " addresses of its sources, too, and comes before packages.set of -f FILE.")
    private Map<String, String> set = new LinkedHashMap<>();

    private @Nullable Packages packages() {
        return file == null ? null : ClusterYamlReader.read(file).packages();
    }

    /**
     * @throws io.slipway.problem.ProblemException if a directory or a stacks.yaml cannot be read
     */
    Catalogue catalogue() {
        return catalogue(packages(), more, set);
    }

    /**
     * What a cluster's file names and nothing else.
     *
     * @throws io.slipway.problem.ProblemException if a directory or a stacks.yaml cannot be read
     */
    static Catalogue catalogue(Packages packages) {
        return catalogue(packages, List.of(), Map.of());
    }

    private static Catalogue catalogue(@Nullable Packages packages, List<Path> more, Map<String, String> set) {
        var trees = new ArrayList<SlackBuildTree>();
        trees.add(SlackBuildTrees.read(Installation.slackbuilds()));
        var settings = new TreeMap<String, Map<String, String>>();
        if (packages != null) {
            packages.slackbuilds().forEach(directory -> trees.add(SlackBuildTrees.read(Path.of(directory))));
        }
        more.forEach(directory -> trees.add(SlackBuildTrees.read(directory)));
        if (packages != null) {
            new TreeMap<>(packages.set()).forEach((key, value) -> set(settings, trees, key, value, "packages.set: "));
        }
        // The command line has the last word.
        set.forEach((key, value) -> set(settings, trees, key, value, "--set "));
        return new Catalogue(trees.stream().map(tree -> applied(tree, settings)).toList());
    }

    private static void set(
            Map<String, Map<String, String>> settings,
            List<SlackBuildTree> trees,
            String key,
            String value,
            String place) {
        String[] parts = key.split(":", 2);
        String variable = parts.length > 1 ? parts[1] : "VERSION";
        if (!VARIABLE.matcher(variable).matches() || trees.stream().noneMatch(tree -> has(tree, parts[0]))) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            place + key + "=" + value + " is not understood.",
                            "Write the name of a SlackBuild and its version, such as raft=0.22.1, or a variable of its"
                                    + " script, such as ovn:OVSVERSION=3.7.1.")
                    .asException();
        }
        settings.computeIfAbsent(parts[0], any -> new TreeMap<>()).put(variable, value);
    }

    private static boolean has(SlackBuildTree tree, String name) {
        return tree.slackbuilds().containsKey(name) || tree.broken().containsKey(name);
    }

    /** With what variables are set to, and with what cannot be built among the broken ones. */
    private static SlackBuildTree applied(SlackBuildTree tree, Map<String, Map<String, String>> settings) {
        var slackbuilds = new LinkedHashMap<>(tree.slackbuilds());
        slackbuilds.replaceAll((name, slackbuild) -> settings.containsKey(name)
                ? SlackBuildReader.read(slackbuild.files(), settings.getOrDefault(name, Map.of()))
                : slackbuild);
        var broken = new LinkedHashMap<>(tree.broken());
        for (SlackBuild slackbuild : List.copyOf(slackbuilds.values())) {
            try {
                BuildInputs.check(slackbuild);
            } catch (ProblemException wrong) {
                slackbuilds.remove(slackbuild.name());
                broken.put(slackbuild.name(), wrong.problems());
            }
        }
        return new SlackBuildTree(tree.path(), tree.stacks(), slackbuilds, broken);
    }

    /** The snapshot that the cluster's file names. */
    Optional<String> snapshot() {
        return Optional.ofNullable(file)
                .map(path -> ClusterYamlReader.read(path).slackware().snapshot());
    }

    /** Builds side by side, as the cluster's file says. */
    int jobs() {
        Packages packages = packages();
        return packages == null ? 1 : packages.jobs();
    }

    /** What is asked for, or else what the cluster's file names; empty for all stacks. */
    List<String> wanted(List<String> asked) {
        Packages packages = packages();
        return asked.isEmpty() && packages != null ? packages.stacks() : asked;
    }

    /** Where the cluster's file says that sources are to be looked for first. */
    List<String> sources() {
        Packages packages = packages();
        return packages == null ? List.of() : packages.sources();
    }
}
