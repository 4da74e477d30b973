package io.slipway.slackbuild;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.yaml.Findings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All SlackBuilds that there are, from several trees. What a later tree has under a name takes the place of what an earlier
 * one has: a user's own come last.
 */
public final class Catalogue {
    /** The build root of SlackBuilds that stand in no stack. */
    static final List<String> DEFAULT_SERIES = List.of("a", "ap", "d", "l", "n", "tcl", "x");

    private final Map<String, SlackBuild> slackbuilds = new LinkedHashMap<>();
    private final Map<String, List<Problem>> broken = new LinkedHashMap<>();
    private final Map<String, Stack> stacks = new LinkedHashMap<>();
    private final Map<String, Supplement> supplements = new LinkedHashMap<>();
    private final Map<String, Mention> slackware = new LinkedHashMap<>();
    private final Map<String, String> origins = new LinkedHashMap<>();

    /**
     * @param trees the earlier ones give way to the later ones
     */
    public Catalogue(List<SlackBuildTree> trees) {
        for (SlackBuildTree tree : trees) {
            tree.slackbuilds().forEach((name, slackbuild) -> {
                broken.remove(name);
                slackbuilds.put(name, slackbuild);
                origins.put(name, tree.path());
            });
            tree.broken().forEach((name, problems) -> {
                slackbuilds.remove(name);
                broken.put(name, problems);
                origins.put(name, tree.path());
            });
            stacks.putAll(tree.stacks().stacks());
            supplements.putAll(tree.stacks().supplements());
            slackware.putAll(tree.stacks().slackware());
        }
    }

    /** Who or what a name is. */
    sealed interface Meaning {
        /** A SlackBuild. */
        record Built(SlackBuild slackbuild) implements Meaning {}

        /** A package of Slackware. */
        record Slackware(String packageName) implements Meaning {}

        /** {@code %README%}: something that only its README says. */
        record Readme() implements Meaning {}

        /** A SlackBuild that cannot be used, and what is wrong with it. */
        record Broken(List<Problem> problems) implements Meaning {
            public Broken {
                problems = List.copyOf(problems);
            }
        }

        /** Nothing, and why not. */
        record Unknown(Problem problem) implements Meaning {}
    }

    /** All that can be built, in the order in which they were found. */
    public Collection<SlackBuild> slackbuilds() {
        return Collections.unmodifiableCollection(slackbuilds.values());
    }

    /** What is wrong with those that cannot be built, by name. */
    public Map<String, List<Problem>> broken() {
        return Collections.unmodifiableMap(broken);
    }

    /** All stacks. */
    public Collection<Stack> stacks() {
        return Collections.unmodifiableCollection(stacks.values());
    }

    /** The tree that a SlackBuild comes from. */
    public String origin(String slackbuild) {
        return origins.getOrDefault(slackbuild, "");
    }

    /** What stacks.yaml adds to a SlackBuild. */
    public Supplement supplement(String slackbuild) {
        return supplements.getOrDefault(slackbuild, Supplement.NONE);
    }

    /** The stack that a SlackBuild stands in; of several trees' stacks, the last one. */
    public Optional<Stack> findStackOf(String slackbuild) {
        return stacks.values().stream()
                .filter(stack -> stack.slackbuilds().stream()
                        .anyMatch(mention -> mention.name().equals(slackbuild)))
                .reduce((earlier, later) -> later);
    }

    /** Series of Slackware that the build root of a SlackBuild is made of. */
    public List<String> series(String slackbuild) {
        return findStackOf(slackbuild).map(Stack::series).orElse(DEFAULT_SERIES);
    }

    /** What a stacks.yaml says something of although it is not there. */
    List<String> listUnknownSupplements() {
        return supplements.keySet().stream()
                .filter(name -> !slackbuilds.containsKey(name) && !broken.containsKey(name))
                .toList();
    }

    Optional<Stack> findStack(String name) {
        return Optional.ofNullable(stacks.get(name));
    }

    /**
     * What a REQUIRES or a stack means: a SlackBuild by its directory's name, by what it provides, or by its PRGNAM; or a
     * package of Slackware.
     *
     * @param place for messages, as the beginning of a sentence about the name
     */
    Meaning resolve(String name, String place) {
        if (name.equals("%README%")) {
            return new Meaning.Readme();
        }
        SlackBuild exact = slackbuilds.get(name);
        if (exact != null) {
            return new Meaning.Built(exact);
        }
        List<Problem> problems = broken.get(name);
        if (problems != null) {
            return new Meaning.Broken(problems);
        }
        for (var each : supplements.entrySet()) {
            SlackBuild provider = slackbuilds.get(each.getKey());
            if (provider != null
                    && each.getValue().provides().stream()
                            .anyMatch(mention -> mention.name().equals(name))) {
                return new Meaning.Built(provider);
            }
        }
        List<SlackBuild> called = slackbuilds.values().stream()
                .filter(slackbuild -> slackbuild.program().equals(name))
                .toList();
        if (called.size() == 1) {
            return new Meaning.Built(called.get(0));
        }
        Mention own = slackware.get(name);
        if (own != null) {
            return new Meaning.Slackware(own.name());
        }
        if (called.size() > 1) {
            List<String> candidates = called.stream().map(SlackBuild::name).toList();
            return new Meaning.Unknown(Problem.of(
                    ProblemKind.INVALID_INPUT,
                    place + name + ", and " + String.join(", ", candidates) + " all make a package of that name.",
                    "Name one of the directories, or say which one is meant with provides: [" + name
                            + "] in stacks.yaml."));
        }
        return new Meaning.Unknown(missing(name, place));
    }

    private Problem missing(String name, String place) {
        Set<String> known = new LinkedHashSet<>(slackbuilds.keySet());
        slackbuilds.values().forEach(slackbuild -> known.add(slackbuild.program()));
        known.addAll(slackware.keySet());
        String nearest = nearest(name, known);
        return Problem.of(
                ProblemKind.NOT_FOUND,
                place + name + ", and there is no SlackBuild of that name.",
                (nearest == null ? "" : "Did you mean \"" + nearest + "\"? Otherwise: ")
                        + "Add its directory, name a directory that has it with --slackbuilds, or, if Slackware itself"
                        + " has it, add it to \"slackware:\" in stacks.yaml.");
    }

    /** What is asked for by name: SlackBuilds and stacks. */
    @Nullable
    String nearestOf(String name) {
        var known = new ArrayList<>(stacks.keySet());
        known.addAll(slackbuilds.keySet());
        return nearest(name, known);
    }

    private static @Nullable String nearest(String name, Collection<String> known) {
        // A hostile tree has more names than are worth comparing.
        return name.length() > 64 || known.size() > 20_000 ? null : Findings.nearest(name, known);
    }
}
