package io.slipway.cli;

import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.build.BuildPlan;
import io.slipway.slackbuild.build.KeptPackage;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Build plans and packages for people. */
final class BuildPlanText {
    private BuildPlanText() {}

    /** One line a package: what is there, what is to be built and why. */
    static String table(BuildPlan plan) {
        var out = new StringBuilder(
                String.format(Locale.ROOT, "%-20s %-14s %-8s %s%n", "NAME", "VERSION", "STATE", "WHY"));
        for (BuildPlan.Item item : plan.items()) {
            out.append(String.format(
                    Locale.ROOT,
                    "%-20s %-14s %-8s %s%n",
                    item.name(),
                    item.step().slackbuild().version(),
                    item.kept().isPresent() ? "kept" : "build",
                    item.kept()
                            .map(kept -> kept.record().file().fileName())
                            .orElse(String.join(", ", item.reasons()))));
        }
        return out.toString();
    }

    /** Whole seconds, and minutes where there are some. */
    static String shown(Duration duration) {
        return duration.toMinutes() > 0
                ? duration.toMinutes() + " min " + duration.toSecondsPart() + " s"
                : String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    /** What needs it directly, in the order of building. */
    static List<String> users(BuildGraph graph, String name) {
        return graph.steps().stream()
                .filter(step -> step.after().contains(name))
                .map(BuildGraph.Step::name)
                .toList();
    }

    static String size(KeptPackage kept) {
        return String.format(
                Locale.ROOT,
                "%,d KiB, %,d KiB installed",
                (kept.record().size() + 1023) >> 10,
                (kept.record().installed() + 1023) >> 10);
    }
}
