package io.slipway.slackbuild.build;

import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.BuildGraph.Step;
import io.slipway.slackbuild.root.PackageFile;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What of a graph is there already and what is to be built, and why.
 *
 * @param items in the order of building
 */
public record BuildPlan(List<Item> items) {
    public BuildPlan {
        items = List.copyOf(items);
    }

    /**
     * One package.
     *
     * @param digest what it is made of
     * @param kept the package, if there is one of that digest
     * @param reasons why it is to be built; none if it is kept
     */
    public record Item(Step step, BuildDigest digest, Optional<KeptPackage> kept, List<String> reasons) {
        public Item {
            reasons = List.copyOf(reasons);
        }

        /** The SlackBuild's name. */
        public String name() {
            return step.name();
        }
    }

    /** Packages that were built earlier. */
    public interface Shelf {
        /** The package of that digest. */
        Optional<KeptPackage> find(String name, Sha256 digest);

        /** Of all digests, the one that was built last. */
        Optional<KeptPackage> findLatest(String name);
    }

    /**
     * @param inputs of each step
     */
    public static BuildPlan of(BuildGraph graph, Function<Step, BuildInputs> inputs, Shelf shelf) {
        var digests = new HashMap<String, Sha256>();
        var rebuilt = new HashSet<String>();
        var items = new ArrayList<Item>();
        for (Step step : graph.steps()) {
            BuildInputs made = inputs.apply(step);
            var digest = digest(step, made, digests);
            digests.put(step.name(), digest.sha256());
            Optional<KeptPackage> kept = shelf.find(step.name(), digest.sha256());
            List<String> reasons = kept.isPresent() ? List.of() : reasons(step.name(), made, digest, shelf, rebuilt);
            if (kept.isEmpty()) {
                rebuilt.add(step.name());
            }
            items.add(new Item(step, digest, kept, reasons));
        }
        return new BuildPlan(items);
    }

    /** With the digests of what it needs. */
    static BuildDigest digest(Step step, BuildInputs inputs, Map<String, Sha256> digests) {
        var needs = new HashMap<String, Sha256>();
        for (String name : step.after()) {
            Sha256 needed = digests.get(name);
            if (needed == null) {
                throw new IllegalStateException(step.name() + " comes before " + name + ", which it needs");
            }
            needs.put(name, needed);
        }
        return BuildDigest.of(step.name(), inputs, needs);
    }

    private static List<String> reasons(
            String name, BuildInputs inputs, BuildDigest digest, Shelf shelf, Set<String> rebuilt) {
        var reasons = new ArrayList<String>();
        Optional<KeptPackage> latest = shelf.findLatest(name);
        if (latest.isEmpty()) {
            reasons.add("it was never built");
            digest.unpinned().forEach(source -> reasons.add("its source " + source + " was never fetched"));
        } else {
            reasons.addAll(reasons(latest.get(), inputs, digest, rebuilt));
        }
        return reasons;
    }

    /** Why the package that was built last is not the one that is wanted now. */
    static List<String> reasons(KeptPackage latest, BuildInputs inputs, BuildDigest digest, Set<String> rebuilt) {
        List<PackageFileName> root =
                inputs.root().stream().map(PackageFile::name).toList();
        PackageRecord record = latest.record();
        return digest.reasons(record.digest(), RootDifference.of(record.root(), root), rebuilt);
    }

    /** What is to be built. */
    public List<Item> toBuild() {
        return items.stream().filter(item -> item.kept().isEmpty()).toList();
    }
}
