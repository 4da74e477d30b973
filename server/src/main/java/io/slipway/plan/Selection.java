package io.slipway.plan;

import io.slipway.inventory.Slackware;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackware.PackagesTxt;
import io.slipway.slackware.Series;
import io.slipway.slackware.Tagfile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which of a tree's packages are installed.
 *
 * @param packages in the order of installation
 * @param tagfiles a complete tagfile for every series that has a chosen package
 */
public record Selection(List<PackagesTxt.Entry> packages, SortedMap<String, Tagfile> tagfiles) {

    /**
     * What a package does nothing useful without. A name that the tree does not have at all is not asked for: what it
     * brings comes in another package there.
     */
    private static final Map<String, List<String>> NEEDS = Map.of(
            // geninitrd reads the kernel's version with strings(1) and packs with cpio(1).
            "mkinitrd", List.of("binutils", "cpio", "kmod"),
            "grub", List.of("dosfstools", "efibootmgr"),
            // c_rehash is a perl script.
            "ca-certificates", List.of("openssl", "perl"),
            "openssh", List.of("openssl", "pam"));

    /** Without these nothing starts, or nobody gets in. */
    private static final List<String> ALWAYS = List.of(
            "aaa_base",
            "bash",
            "coreutils",
            "etc",
            "kernel-generic",
            "pkgtools",
            "sysvinit-scripts",
            "network-scripts",
            "mkinitrd",
            "grub",
            "openssh",
            "sudo",
            "shadow",
            "iproute2",
            "wget",
            "ca-certificates");

    public Selection {
        packages = List.copyOf(packages);
    }

    /**
     * @param wish series, additional and unwanted packages
     * @param tree the index of the whole tree
     * @param narrowing the user's tagfiles by series; a series without one is taken whole
     * @throws ProblemException with every name that the tree does not have, and every package that lacks another
     */
    public static Selection of(Slackware wish, PackagesTxt tree, Map<String, Tagfile> narrowing) {
        return new Choice(wish, tree, narrowing).selection();
    }

    private static final class Choice {
        private final Slackware wish;
        private final Map<String, Tagfile> narrowing;
        private final Map<String, List<PackagesTxt.Entry>> bySeries = new LinkedHashMap<>();
        private final Map<String, PackagesTxt.Entry> byName = new HashMap<>();
        private final List<Problem> problems = new ArrayList<>();

        Choice(Slackware wish, PackagesTxt tree, Map<String, Tagfile> narrowing) {
            this.wish = wish;
            this.narrowing = narrowing;
            wish.series().forEach(series -> bySeries.put(series, new ArrayList<>()));
            var others = new TreeMap<String, List<PackagesTxt.Entry>>();
            for (PackagesTxt.Entry entry : tree.entries()) {
                Optional<String> series = entry.series().map(Series::name);
                if (series.isEmpty() || !entry.location().equals("slackware64/" + series.get())) {
                    continue;
                }
                byName.put(entry.file().name(), entry);
                List<PackagesTxt.Entry> known = bySeries.get(series.get());
                (known != null ? known : others.computeIfAbsent(series.get(), none -> new ArrayList<>())).add(entry);
            }
            bySeries.putAll(others);
            bySeries.values()
                    .forEach(list ->
                            list.sort(Comparator.comparing(entry -> entry.file().fileName())));
        }

        Selection selection() {
            names();
            var chosen = new ArrayList<PackagesTxt.Entry>();
            var tagfiles = new TreeMap<String, Tagfile>();
            bySeries.forEach((series, entries) -> {
                List<String> names =
                        entries.stream().map(entry -> entry.file().name()).toList();
                Set<String> taken = new HashSet<>();
                Tagfile tags = narrowing.get(series);
                if (tags != null) {
                    narrow(series, tags, names);
                }
                for (PackagesTxt.Entry entry : entries) {
                    if (takes(series, entry.file().name(), tags)) {
                        chosen.add(entry);
                        taken.add(entry.file().name());
                    }
                }
                if (!taken.isEmpty()) {
                    tagfiles.put(series, Tagfile.complete(names, taken::contains));
                }
            });
            needs(chosen);
            if (!problems.isEmpty()) {
                throw new ProblemException(problems);
            }
            return new Selection(chosen, tagfiles);
        }

        private boolean takes(String series, String name, @Nullable Tagfile tags) {
            if (wish.skip().contains(name)) {
                return false;
            }
            if (wish.add().contains(name)) {
                return true;
            }
            return wish.series().contains(series)
                    && (tags == null || tags.priorities().get(name) != Tagfile.Priority.SKP);
        }

        private void names() {
            for (String series : wish.series()) {
                if (bySeries.getOrDefault(series, List.of()).isEmpty()) {
                    problems.add(Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "slackware.series names \"" + series + "\", which the snapshot does not have.",
                            "Series there: "
                                    + String.join(
                                            ", ",
                                            bySeries.entrySet().stream()
                                                    .filter(entry ->
                                                            !entry.getValue().isEmpty())
                                                    .map(Map.Entry::getKey)
                                                    .toList())
                                    + "."));
                }
            }
            for (String name : wish.add()) {
                if (!byName.containsKey(name)) {
                    problems.add(Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "slackware.add names \"" + name + "\", which the snapshot does not have.",
                            "Correct the NAME, or sync a snapshot that has it."));
                }
                if (wish.skip().contains(name)) {
                    problems.add(Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "\"" + name + "\" stands in slackware.add and in slackware.skip.",
                            "Remove it from one of the two."));
                }
            }
        }

        /** A tagfile that names a package that does not exist was made for another snapshot. */
        private void narrow(String series, Tagfile tags, List<String> names) {
            List<String> unknown = tags.unknown(names);
            if (!unknown.isEmpty()) {
                problems.add(Problem.of(
                        ProblemKind.INVALID_INPUT,
                        "The tagfile of series " + series + " names packages that the snapshot does not have: "
                                + String.join(", ", unknown) + ".",
                        "Bring " + wish.tagfiles() + "/" + series + "/tagfile up to date."));
            }
            List<String> missing = tags.missing(names);
            if (!missing.isEmpty()) {
                problems.add(Problem.of(
                        ProblemKind.INVALID_INPUT,
                        "The tagfile of series " + series + " says nothing about: " + String.join(", ", missing) + ".",
                        "installpkg would install them; add each with ADD or SKP."));
            }
        }

        private void needs(List<PackagesTxt.Entry> chosen) {
            Set<String> names = new HashSet<>();
            chosen.forEach(entry -> names.add(entry.file().name()));
            for (String name : ALWAYS) {
                need(name, names, "No node works without \"" + name + "\", which is not selected.");
            }
            NEEDS.forEach((name, needed) -> {
                if (names.contains(name)) {
                    for (String other : needed) {
                        need(other, names, "\"" + name + "\" needs \"" + other + "\", which is not selected.");
                    }
                }
            });
        }

        private void need(String name, Set<String> chosen, String summary) {
            PackagesTxt.Entry entry = byName.get(name);
            if (entry != null && !chosen.contains(name)) {
                problems.add(Problem.of(
                        ProblemKind.INVALID_INPUT,
                        summary,
                        "It is in " + entry.location()
                                + ": add it to slackware.add, or remove it from slackware.skip."));
            }
        }
    }
}
