package io.slipway.slackbuild.build;

import io.slipway.problem.ProblemException;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.root.BuildRoots;
import io.slipway.slackbuild.root.Layer;
import io.slipway.store.Sha256;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the present SlackBuilds ask for.
 *
 * @param packages what each would be kept under if it were built now, by the SlackBuild's name
 * @param roots of all build roots, and of what is installed on them before a build
 * @param unknown SlackBuilds of which neither can be told, and why not
 */
public record NeededBuilds(Map<String, Sha256> packages, Set<Sha256> roots, Map<String, String> unknown) {
    public NeededBuilds {
        packages = Map.copyOf(packages);
        roots = Set.copyOf(roots);
        unknown = new TreeMap<>(unknown);
    }

    /**
     * Asks for each SlackBuild by itself, for each stack, and for all stacks: what is installed before a build is so in the
     * order of what was asked for.
     *
     * @param lockFile sums of sources
     */
    public static NeededBuilds of(
            Catalogue catalogue, Path lockFile, RootPackages rootPackages, BuildPlan.Shelf shelf) {
        var packages = new HashMap<String, Sha256>();
        var roots = new HashSet<Sha256>();
        var unknown = new HashMap<String, String>();
        var reasons = new HashMap<String, String>();
        catalogue
                .broken()
                .forEach((name, problems) -> unknown.put(name, problems.get(0).summary()));
        var asked = new ArrayList<Collection<String>>(List.of(List.of()));
        catalogue.stacks().forEach(stack -> asked.add(List.of(stack.name())));
        catalogue.slackbuilds().forEach(slackbuild -> asked.add(List.of(slackbuild.name())));
        for (Collection<String> names : asked) {
            try {
                BuildGraph graph = BuildGraph.partial(catalogue, names).graph();
                BuildPlan plan = BuildRunner.plan(graph, lockFile, rootPackages, shelf);
                for (BuildPlan.Item item : plan.items()) {
                    packages.put(item.name(), item.digest().sha256());
                    roots.addAll(layers(graph, plan, item));
                }
            } catch (ProblemException cannot) {
                // Of several, each is asked for by itself, too.
                names.forEach(name -> reasons.put(name, cannot.problems().get(0).summary()));
            }
        }
        catalogue.slackbuilds().stream()
                .map(SlackBuild::name)
                .filter(name -> !packages.containsKey(name))
                .forEach(name -> unknown.put(name, reasons.getOrDefault(name, "what it needs cannot be had.")));
        return new NeededBuilds(packages, roots, unknown);
    }

    /** The build root of an item, and what is installed on it as far as that is there. */
    private static List<Sha256> layers(BuildGraph graph, BuildPlan plan, BuildPlan.Item item) {
        var byName = new HashMap<String, BuildPlan.Item>();
        plan.items().forEach(each -> byName.put(each.name(), each));
        var layers = new ArrayList<>(List.of(new Layer(item.digest().root(), Path.of(""))));
        for (BuildGraph.Step needed : graph.closure(item.name())) {
            BuildPlan.Item there = byName.get(needed.name());
            if (there == null || there.kept().isEmpty()) {
                break;
            }
            layers.add(new Layer(BuildRoots.digest(List.of(there.kept().get().toInstall()), layers), Path.of("")));
        }
        return layers.stream().map(Layer::digest).toList();
    }
}
