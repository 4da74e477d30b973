package io.slipway.cli;

import io.slipway.image.Compiled;
import io.slipway.inventory.Cluster;
import io.slipway.mirror.Snapshot;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.BuildGraph.Step;
import io.slipway.slackbuild.build.BuildPlan;
import io.slipway.slackbuild.build.BuildRunner;
import io.slipway.slackbuild.build.KeptPackage;
import io.slipway.slackbuild.build.PackageCache;
import io.slipway.slackbuild.build.PackageRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the stacks of a cluster's file offer to its image. Nothing is built for it: what {@code packages build} would keep
 * now is looked for under the digest that it would have now.
 */
final class CompiledStacks {
    private CompiledStacks() {}

    /**
     * @param state the state directory
     * @param lockFile sums of sources
     * @param command what compiles a missing one; names follow
     * @throws io.slipway.problem.ProblemException if the SlackBuilds, their stacks or the snapshot cannot be used
     */
    static Compiled of(Cluster cluster, Path state, Path lockFile, String command) {
        List<String> stacks = cluster.packages().stacks();
        if (stacks.isEmpty()) {
            return Compiled.NONE;
        }
        BuildGraph graph = BuildGraph.of(SlackBuildOptions.catalogue(cluster.packages()), stacks);
        var snapshot = Snapshot.get(state, cluster.slackware().snapshot());
        BuildPlan plan =
                BuildRunner.plan(graph, lockFile, BuildRootOptions.fromSnapshot(snapshot), new PackageCache(state));
        return of(graph, plan, stacks, command);
    }

    /**
     * The series that build roots of a cluster's stacks are made of; nodes need not have them.
     *
     * @throws io.slipway.problem.ProblemException if the SlackBuilds or their stacks cannot be used
     */
    static Set<String> series(Cluster cluster) {
        var series = new TreeSet<String>();
        List<String> stacks = cluster.packages().stacks();
        if (!stacks.isEmpty()) {
            BuildGraph.of(SlackBuildOptions.catalogue(cluster.packages()), stacks)
                    .steps()
                    .forEach(step -> series.addAll(step.series()));
        }
        return series;
    }

    /**
     * @param plan of that graph
     * @param asked names of stacks and SlackBuilds
     */
    static Compiled of(BuildGraph graph, BuildPlan plan, Collection<String> asked, String command) {
        Set<String> installed = installed(graph, asked);
        var packages = new ArrayList<Compiled.Wanted>();
        var leftOut = new ArrayList<String>();
        for (BuildPlan.Item item : plan.items()) {
            if (installed.contains(item.name())) {
                Set<String> conflicts = conflicts(graph, item.name());
                String program = item.step().slackbuild().program();
                packages.add(item.kept()
                        .<Compiled.Wanted>map(kept -> item(kept, item.name(), program, conflicts))
                        .orElseGet(() -> new Compiled.Missing(item.name(), program, item.reasons(), conflicts)));
            } else {
                leftOut.add(item.name());
            }
        }
        return new Compiled(packages, leftOut, command);
    }

    /** What is asked for or needed by something that is, but for what only serves to build. */
    private static Set<String> installed(BuildGraph graph, Collection<String> asked) {
        var used = new HashSet<String>();
        graph.steps().forEach(step -> used.addAll(step.after()));
        var installed = new HashSet<String>();
        var needed = new HashSet<String>();
        // From the end, so that all that need a step come before it.
        for (int i = graph.steps().size() - 1; i >= 0; i--) {
            Step step = graph.steps().get(i);
            boolean wanted = asked.contains(step.stack())
                    || asked.contains(step.name())
                    || !used.contains(step.name())
                    || needed.contains(step.name());
            if (wanted && !step.buildOnly()) {
                installed.add(step.name());
                needed.addAll(step.after());
            }
        }
        return installed;
    }

    private static Set<String> conflicts(BuildGraph graph, String name) {
        var conflicts = new TreeSet<String>();
        graph.leftOut().forEach((other, by) -> {
            if (by.contains(name)) {
                conflicts.add(other);
            }
        });
        return conflicts;
    }

    private static Compiled.Item item(KeptPackage kept, String name, String program, Set<String> conflicts) {
        PackageRecord record = kept.record();
        if (!record.name().equals(name) || !record.file().name().equals(program)) {
            throw Problem.of(
                            ProblemKind.UNTRUSTED,
                            kept.directory() + " does not have the package " + program + " of " + name
                                    + ": its record says " + record.file() + ".",
                            "Remove that directory and build it again: slipway packages build " + name)
                    .asException();
        }
        return new Compiled.Item(
                name,
                record.file(),
                kept.file(),
                record.sha256(),
                record.licences(),
                record.sources().stream()
                        .map(source -> new Compiled.Source(source.file(), source.address(), source.sha256()))
                        .toList(),
                conflicts);
    }
}
