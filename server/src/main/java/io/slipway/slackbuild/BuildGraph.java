package io.slipway.slackbuild;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is to be built, each after all that it needs.
 *
 * @param steps in the order of building; the same input gives the same order
 * @param leftOut packages of Slackware that conflict with something here, and with what
 * @param notes what a person should know: things that only a README says
 */
public record BuildGraph(List<Step> steps, Map<String, Set<String>> leftOut, List<String> notes) {
    public BuildGraph {
        steps = List.copyOf(steps);
        leftOut = Collections.unmodifiableMap(new TreeMap<>(leftOut));
        notes = List.copyOf(notes);
    }

    /**
     * One SlackBuild to build.
     *
     * @param slackbuild what
     * @param stack that it stands in, or nothing
     * @param series of Slackware that its build root is made of
     * @param after what it needs directly, by name, in the order of the steps
     * @param slackware packages of Slackware that it names
     * @param buildOnly whether it is not installed on nodes
     * @param level 0 for what needs nothing; otherwise one more than the highest that it needs
     */
    public record Step(
            SlackBuild slackbuild,
            String stack,
            List<String> series,
            List<String> after,
            List<String> slackware,
            boolean buildOnly,
            int level) {
        public Step {
            series = List.copyOf(series);
            after = List.copyOf(after);
            slackware = List.copyOf(slackware);
        }

        /** The SlackBuild's name. */
        public String name() {
            return slackbuild.name();
        }
    }

    /**
     * @param wanted names of stacks and of SlackBuilds; empty for all stacks
     * @throws ProblemException with all cycles, all that is missing, unreadable or ambiguous, and all conflicts, each with
     *     the path that leads there
     */
    public static BuildGraph of(Catalogue catalogue, Collection<String> wanted) {
        Partial partial = partial(catalogue, wanted);
        if (!partial.faults().isEmpty()) {
            throw new ProblemException(partial.problems());
        }
        return partial.graph();
    }

    /**
     * What of the wanted can be built, and why the rest cannot: one SlackBuild that cannot be used stops only what needs it.
     *
     * @throws ProblemException if a name that is asked for means nothing, or what is asked for conflicts; with all that is
     *     wrong
     */
    public static Partial partial(Catalogue catalogue, Collection<String> wanted) {
        return new Resolution(catalogue).partial(wanted);
    }

    /**
     * A graph and what is missing in it. All names are in the order in which they were found.
     *
     * @param graph what can be built
     * @param faults what is wrong with each SlackBuild that cannot be used: unreadable, not there, requiring what is not
     *     there, in a cycle; each with the path that leads there
     * @param stopped of each further one that is left out, what it needs directly and cannot have
     */
    public record Partial(BuildGraph graph, Map<String, List<Problem>> faults, Map<String, List<String>> stopped) {
        public Partial {
            faults = Collections.unmodifiableMap(new LinkedHashMap<>(faults));
            stopped = Collections.unmodifiableMap(new LinkedHashMap<>(stopped));
        }

        /** All that is wrong. */
        public List<Problem> problems() {
            return faults.values().stream().flatMap(List::stream).toList();
        }
    }

    /** What must be installed to build a step: all that it needs, directly or not, in the order of the steps. */
    public List<Step> closure(String name) {
        var needed = new HashSet<String>();
        var byName = new HashMap<String, Step>();
        steps.forEach(step -> byName.put(step.name(), step));
        var queue = new ArrayDeque<String>(List.of(name));
        while (!queue.isEmpty()) {
            Step step = byName.get(queue.remove());
            if (step != null) {
                step.after().stream().filter(needed::add).forEach(queue::add);
            }
        }
        return steps.stream().filter(step -> needed.contains(step.name())).toList();
    }

    private static final class Resolution {
        /** How a reason that is no SlackBuild begins; no name has a blank. */
        private static final String STACK = "stack ";

        private static final int LONGEST_WAY = 40;

        private final Catalogue catalogue;
        /** With what is asked for as a whole. */
        private final List<Problem> problems = new ArrayList<>();
        /** With single SlackBuilds, by name. */
        private final Map<String, List<Problem>> faults = new LinkedHashMap<>();

        private final Set<String> notes = new LinkedHashSet<>();
        /** In the order of discovery, which is the order of writing. */
        private final Map<String, SlackBuild> found = new LinkedHashMap<>();

        /** What led to each first; absent for what was asked for by its own name. */
        private final Map<String, String> reasons = new HashMap<>();

        private final Map<String, Set<String>> needs = new HashMap<>();
        private final Map<String, Map<String, String>> slackware = new HashMap<>();

        Resolution(Catalogue catalogue) {
            this.catalogue = catalogue;
        }

        Partial partial(Collection<String> wanted) {
            var queue = new ArrayDeque<SlackBuild>();
            if (wanted.isEmpty()) {
                catalogue.stacks().forEach(stack -> begin(stack, queue));
            }
            wanted.forEach(name -> begin(name, queue));
            catalogue
                    .listUnknownSupplements()
                    .forEach(name -> notes.add(
                            "stacks.yaml says something of " + name + ", and there is no SlackBuild of that name."));
            // In breadth, so that the path to each is a shortest one.
            while (!queue.isEmpty()) {
                need(queue.remove(), queue);
            }
            List<String> order = order();
            Map<String, Set<String>> leftOut = conflicts();
            var partial = new Partial(
                    new BuildGraph(steps(order), leftOut, List.copyOf(notes)), faults, stopped(Set.copyOf(order)));
            if (!problems.isEmpty()) {
                problems.addAll(partial.problems());
                throw new ProblemException(problems);
            }
            return partial;
        }

        private void begin(String name, ArrayDeque<SlackBuild> queue) {
            var stack = catalogue.findStack(name);
            if (stack.isPresent()) {
                begin(stack.get(), queue);
                return;
            }
            Catalogue.Meaning meaning = catalogue.resolve(name, "");
            if (meaning instanceof Catalogue.Meaning.Built built) {
                discover(built.slackbuild(), "", queue);
                return;
            }
            if (meaning instanceof Catalogue.Meaning.Broken broken) {
                fault(name, broken.problems(), "");
                return;
            }
            String nearest = catalogue.nearestOf(name);
            problems.add(Problem.of(
                    ProblemKind.NOT_FOUND,
                    "There is no stack and no SlackBuild \"" + EntryPath.shown(name) + "\".",
                    (nearest == null ? "" : "Did you mean \"" + nearest + "\"? ") + "Stacks: "
                            + String.join(
                                    ", ",
                                    catalogue.stacks().stream().map(Stack::name).toList())
                            + "."));
        }

        private void begin(Stack stack, ArrayDeque<SlackBuild> queue) {
            for (Mention mention : stack.slackbuilds()) {
                String place = mention.place() + ": the stack " + stack.name() + " names ";
                if (catalogue.resolve(mention.name(), place) instanceof Catalogue.Meaning.Slackware own) {
                    problems.add(Problem.of(
                            ProblemKind.INVALID_INPUT,
                            place + mention.name() + ", which is Slackware's own " + own.packageName() + ".",
                            "Remove it, or add a SlackBuild of that name."));
                } else {
                    meet(mention.name(), STACK + stack.name(), mention.name(), place, queue);
                }
            }
        }

        /**
         * What a name leads to, or a problem.
         *
         * @param reason what has the name: a stack or a SlackBuild
         * @param culprit whose fault it is if there is nothing of that name
         */
        private void meet(String name, String reason, String culprit, String place, ArrayDeque<SlackBuild> queue) {
            Catalogue.Meaning meaning = catalogue.resolve(name, place);
            String way = "Path: " + path(reason) + " → " + name;
            if (meaning instanceof Catalogue.Meaning.Built built) {
                discover(built.slackbuild(), reason, queue);
            } else if (meaning instanceof Catalogue.Meaning.Broken broken) {
                fault(name, broken.problems(), way);
            } else if (meaning instanceof Catalogue.Meaning.Unknown unknown) {
                faults.computeIfAbsent(culprit, any -> new ArrayList<>())
                        .add(unknown.problem().withDetails(way));
            }
        }

        /** Said once, whoever needs it. */
        private void fault(String name, List<Problem> wrong, String way) {
            faults.computeIfAbsent(
                    name,
                    any -> wrong.stream()
                            .map(problem -> way.isEmpty()
                                    ? problem
                                    : problem.withDetails((problem.details() + '\n' + way).strip()))
                            .toList());
        }

        private void discover(SlackBuild slackbuild, String reason, ArrayDeque<SlackBuild> queue) {
            if (found.putIfAbsent(slackbuild.name(), slackbuild) == null) {
                if (!reason.isEmpty()) {
                    reasons.put(slackbuild.name(), reason);
                }
                queue.add(slackbuild);
            }
        }

        /** From what was asked for, over what needs it, to {@code name}. */
        private String path(String name) {
            var way = new ArrayDeque<String>();
            String at = name;
            while (at != null) {
                way.addFirst(at);
                at = at.startsWith(STACK) ? null : reasons.get(at);
            }
            return shown(way);
        }

        /** With the middle left out where it is long. */
        private static String shown(Collection<String> way) {
            List<String> all = List.copyOf(way);
            if (all.size() <= LONGEST_WAY) {
                return String.join(" → ", all);
            }
            int half = LONGEST_WAY / 2;
            return String.join(" → ", all.subList(0, half)) + " → … " + (all.size() - 2 * half) + " more … → "
                    + String.join(" → ", all.subList(all.size() - half, all.size()));
        }

        private void need(SlackBuild slackbuild, ArrayDeque<SlackBuild> queue) {
            var direct = new LinkedHashSet<String>();
            var own = new TreeMap<String, String>();
            var mentions = new ArrayList<>(slackbuild.requires());
            mentions.addAll(catalogue.supplement(slackbuild.name()).requires());
            for (Mention mention : mentions) {
                String place = mention.place() + ": " + slackbuild.name() + " requires ";
                Catalogue.Meaning meaning = catalogue.resolve(mention.name(), place);
                if (meaning instanceof Catalogue.Meaning.Built built) {
                    direct.add(built.slackbuild().name());
                } else if (meaning instanceof Catalogue.Meaning.Slackware satisfied) {
                    own.put(satisfied.packageName(), mention.place());
                    continue;
                } else if (meaning instanceof Catalogue.Meaning.Readme) {
                    notes.add(mention.place() + ": REQUIRES says %README%: what " + slackbuild.name()
                            + " needs besides, only its README says. Add it under slackbuilds: in stacks.yaml.");
                    continue;
                }
                if (!(meaning instanceof Catalogue.Meaning.Built)) {
                    // Never there, so that this one's turn never comes.
                    direct.add(mention.name());
                }
                meet(mention.name(), slackbuild.name(), slackbuild.name(), place, queue);
            }
            needs.put(slackbuild.name(), direct);
            slackware.put(slackbuild.name(), own);
        }

        /** By what was found first, as far as what they need is done; the rest is in cycles or needs what is. */
        private List<String> order() {
            var index = new HashMap<String, Integer>();
            found.keySet().forEach(name -> index.put(name, index.size()));
            var waiting = new HashMap<String, Integer>();
            var neededBy = new HashMap<String, List<String>>();
            var ready = new PriorityQueue<String>(Comparator.comparingInt(name -> index.getOrDefault(name, 0)));
            for (String name : found.keySet()) {
                Set<String> direct = needs.getOrDefault(name, Set.of());
                waiting.put(name, direct.size());
                direct.forEach(each ->
                        neededBy.computeIfAbsent(each, any -> new ArrayList<>()).add(name));
                if (direct.isEmpty()) {
                    ready.add(name);
                }
            }
            var order = new ArrayList<String>();
            while (!ready.isEmpty()) {
                String name = ready.remove();
                order.add(name);
                for (String each : neededBy.getOrDefault(name, List.of())) {
                    if (waiting.merge(each, -1, Integer::sum) == 0) {
                        ready.add(each);
                    }
                }
            }
            var left = new LinkedHashSet<>(found.keySet());
            order.forEach(left::remove);
            cycles(left, neededBy);
            return order;
        }

        private void cycles(Set<String> left, Map<String, List<String>> neededBy) {
            // What merely needs a cycle is none.
            var users = new HashMap<String, Integer>();
            var trim = new ArrayDeque<String>();
            for (String name : left) {
                int count = (int) neededBy.getOrDefault(name, List.of()).stream()
                        .filter(left::contains)
                        .count();
                users.put(name, count);
                if (count == 0) {
                    trim.add(name);
                }
            }
            while (!trim.isEmpty()) {
                String name = trim.remove();
                left.remove(name);
                for (String each : needs.getOrDefault(name, Set.of())) {
                    if (left.contains(each) && users.merge(each, -1, Integer::sum) == 0) {
                        trim.add(each);
                    }
                }
            }
            var reported = new HashSet<String>();
            for (String name : left) {
                if (reported.contains(name)) {
                    continue;
                }
                List<String> cycle = cycle(name, left);
                if (!cycle.isEmpty()) {
                    reported.addAll(cycle);
                    faults.computeIfAbsent(name, any -> new ArrayList<>())
                            .add(Problem.of(
                                            ProblemKind.INVALID_INPUT,
                                            "These need each other: " + shown(cycle) + " → " + name + ".",
                                            "Remove one of these requirements from an .info or from stacks.yaml.")
                                    .withDetails("Path: " + path(name)));
                }
            }
        }

        /** The shortest way from {@code start} back to it, or nothing. */
        private List<String> cycle(String start, Set<String> within) {
            var from = new HashMap<String, String>();
            var queue = new ArrayDeque<String>(List.of(start));
            while (!queue.isEmpty()) {
                String name = queue.remove();
                for (String each : needs.getOrDefault(name, Set.of())) {
                    if (each.equals(start)) {
                        var way = new ArrayList<String>();
                        for (String at = name; at != null; at = from.get(at)) {
                            way.add(0, at);
                            if (at.equals(start)) {
                                break;
                            }
                        }
                        return List.copyOf(way);
                    }
                    if (within.contains(each) && !from.containsKey(each)) {
                        from.put(each, name);
                        queue.add(each);
                    }
                }
            }
            return List.of();
        }

        private Map<String, Set<String>> conflicts() {
            var leftOut = new TreeMap<String, Set<String>>();
            var said = new HashSet<Set<String>>();
            for (String name : found.keySet()) {
                for (Mention conflict : catalogue.supplement(name).conflicts()) {
                    String other = conflict.name();
                    if (found.containsKey(other)) {
                        if (said.add(Set.of(name, other))) {
                            problems.add(Problem.of(
                                            ProblemKind.CONFLICT,
                                            conflict.place() + ": " + name + " and " + other
                                                    + " conflict, and both are needed.",
                                            "Take one of the stacks, or change what leads to one of the two.")
                                    .withDetails("Path: " + path(name) + "\nPath: " + path(other)));
                        }
                        continue;
                    }
                    slackware.forEach((user, packages) -> {
                        String place = packages.get(other);
                        if (place != null) {
                            problems.add(Problem.of(
                                            ProblemKind.CONFLICT,
                                            conflict.place() + ": " + name + " conflicts with Slackware's " + other
                                                    + ", which " + user + " requires (" + place + ").",
                                            "Let " + name + " provide it, or change what " + user + " requires.")
                                    .withDetails("Path: " + path(name) + "\nPath: " + path(user)));
                        }
                    });
                    leftOut.computeIfAbsent(other, any -> new TreeSet<>()).add(name);
                }
            }
            return leftOut;
        }

        private Map<String, List<String>> stopped(Set<String> usable) {
            var stopped = new LinkedHashMap<String, List<String>>();
            for (String name : found.keySet()) {
                if (!usable.contains(name) && !faults.containsKey(name)) {
                    stopped.put(
                            name,
                            needs.getOrDefault(name, Set.of()).stream()
                                    .filter(needed -> !usable.contains(needed))
                                    .toList());
                }
            }
            return stopped;
        }

        private List<Step> steps(List<String> order) {
            var levels = new HashMap<String, Integer>();
            var position = new HashMap<String, Integer>();
            var steps = new ArrayList<Step>();
            for (String name : order) {
                List<String> after = new ArrayList<>(needs.getOrDefault(name, Set.of()));
                after.sort(Comparator.comparingInt(each -> position.getOrDefault(each, 0)));
                int level = after.stream()
                        .mapToInt(each -> levels.getOrDefault(each, 0) + 1)
                        .max()
                        .orElse(0);
                levels.put(name, level);
                position.put(name, position.size());
                SlackBuild slackbuild = found.get(name);
                if (slackbuild == null) {
                    throw new IllegalStateException(name + " is in the order but was not found");
                }
                steps.add(new Step(
                        slackbuild,
                        catalogue.findStackOf(name).map(Stack::name).orElse(""),
                        catalogue.series(name),
                        after,
                        List.copyOf(slackware.getOrDefault(name, Map.of()).keySet()),
                        catalogue.supplement(name).buildOnly(),
                        level));
            }
            return steps;
        }
    }
}
