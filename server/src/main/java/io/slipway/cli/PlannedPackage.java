package io.slipway.cli;

import io.slipway.problem.ProblemException;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.build.BuildPlan;
import io.slipway.slackbuild.build.BuildRunner;
import io.slipway.slackbuild.build.PackageCache;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The SlackBuild that a command is asked about, and what would become of it now. */
final class PlannedPackage {
    @Parameters(index = "0", paramLabel = "NAME", description = "A SlackBuild.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Mixin
    private SlackBuildOptions slackbuilds = new SlackBuildOptions();

    @Mixin
    private SourceOptions sources = new SourceOptions();

    @Mixin
    private BuildRootOptions roots = new BuildRootOptions();

    @Mixin
    private StateOption state = new StateOption();

    PackageCache cache() {
        return new PackageCache(state.directory());
    }

    /** It and all that it needs. */
    BuildPlan plan() {
        return BuildRunner.plan(
                BuildGraph.of(slackbuilds.catalogue(), List.of(name)),
                sources.lockFile(),
                roots.packages(state.directory(), slackbuilds.snapshot()),
                cache());
    }

    /** The last one of the plan that has the name, also by what else it is called. */
    BuildPlan.Item item(BuildPlan plan) {
        return plan.items().get(plan.items().size() - 1);
    }

    /** What needs it directly, and what that is needed by, in the order of building. */
    Users users(String called) {
        Catalogue catalogue = slackbuilds.catalogue();
        var asked = new ArrayList<String>();
        catalogue.slackbuilds().forEach(slackbuild -> asked.add(slackbuild.name()));
        BuildGraph graph = wholeOr(catalogue, asked, called);
        var direct = BuildPlanText.users(graph, called);
        Set<String> all = new LinkedHashSet<>();
        for (BuildGraph.Step step : graph.steps()) {
            if (step.after().stream().anyMatch(needed -> needed.equals(called) || all.contains(needed))) {
                all.add(step.name());
            }
        }
        all.removeAll(direct);
        return new Users(direct, List.copyOf(all));
    }

    /** Of all SlackBuilds; where these conflict, of the stacks; where even these do, of the one. */
    private static BuildGraph wholeOr(Catalogue catalogue, List<String> all, String called) {
        for (List<String> names : List.of(all, List.<String>of())) {
            try {
                return BuildGraph.partial(catalogue, names).graph();
            } catch (ProblemException conflicting) {
                // Said by "packages graph".
            }
        }
        return BuildGraph.of(catalogue, List.of(called));
    }

    /**
     * @param direct what requires it
     * @param further what needs one of these
     */
    record Users(List<String> direct, List<String> further) {}
}
