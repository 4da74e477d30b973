package io.slipway.formation;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Steps in an order in which they could be done one after the other: each comes after those that it depends on.
 *
 * @param steps in that order
 */
public record FormationPlan(List<Step> steps) {
    /**
     * @throws IllegalArgumentException if two steps have one id, or a step depends on one that does not come before it
     *     (one that is missing, or a cycle); the message names them
     */
    public FormationPlan {
        steps = List.copyOf(steps);
        var before = new LinkedHashMap<String, Step>();
        for (Step step : steps) {
            for (String id : step.after()) {
                if (!before.containsKey(id)) {
                    throw new IllegalArgumentException("step " + step.id() + " depends on " + id
                            + ", which does not come before it: " + List.copyOf(before.keySet()));
                }
            }
            if (before.put(step.id(), step) != null) {
                throw new IllegalArgumentException("two steps are called " + step.id());
            }
        }
    }

    /**
     * Puts steps in order: each as early as it stands in the collection, but after those that it depends on.
     *
     * @throws IllegalArgumentException if two steps have one id, one depends on a step that is not there, or some wait
     *     for each other in a circle, which the message shows
     */
    public static FormationPlan of(Collection<Step> steps) {
        var byId = new LinkedHashMap<String, Step>();
        for (Step step : steps) {
            if (byId.put(step.id(), step) != null) {
                throw new IllegalArgumentException("two steps are called " + step.id());
            }
        }
        var ordered = new LinkedHashSet<Step>();
        for (Step step : byId.values()) {
            place(step, byId, ordered, new LinkedHashSet<>());
        }
        return new FormationPlan(List.copyOf(ordered));
    }

    private static void place(Step step, Map<String, Step> byId, Set<Step> ordered, LinkedHashSet<String> path) {
        if (ordered.contains(step)) {
            return;
        }
        if (!path.add(step.id())) {
            var circle = new ArrayList<>(path).subList(List.copyOf(path).indexOf(step.id()), path.size());
            throw new IllegalArgumentException(
                    "steps wait for each other: " + String.join(" after ", circle) + " after " + step.id());
        }
        for (String id : step.after()) {
            Step earlier = byId.get(id);
            if (earlier == null) {
                throw new IllegalArgumentException("step " + step.id() + " depends on " + id + ", which is not there");
            }
            place(earlier, byId, ordered, path);
        }
        path.remove(step.id());
        ordered.add(step);
    }

    /**
     * A step by its id.
     *
     * @throws ProblemException of kind NOT_FOUND that names the ones that begin alike, or all
     */
    public Step getStep(String id) {
        for (Step step : steps) {
            if (step.id().equals(id)) {
                return step;
            }
        }
        String first = id.contains(".") ? id.substring(0, id.indexOf('.') + 1) : id;
        List<String> ids = steps.stream().map(Step::id).toList();
        List<String> alike = ids.stream().filter(each -> each.startsWith(first)).toList();
        throw Problem.of(
                        ProblemKind.NOT_FOUND,
                        "There is no step \"" + id + "\" in this cluster's formation.",
                        "Take one of: " + String.join(", ", alike.isEmpty() ? ids : alike) + ".")
                .asException();
    }

    /**
     * One step, and before it what it needs, which is looked at and not done: where something of it is missing, the run
     * fails and says what.
     *
     * @throws ProblemException of kind NOT_FOUND if there is no such step
     */
    public FormationPlan only(String id) {
        Step wanted = getStep(id);
        return new FormationPlan(until(id).steps.stream()
                .map(step -> step.equals(wanted) ? step : step.withWork(new Needed(step, wanted)))
                .toList());
    }

    /**
     * One step and all that it needs.
     *
     * @throws ProblemException of kind NOT_FOUND if there is no such step
     */
    public FormationPlan until(String id) {
        var needed = new LinkedHashSet<String>();
        needed.add(getStep(id).id());
        for (int i = steps.size() - 1; i >= 0; i--) {
            if (needed.contains(steps.get(i).id())) {
                needed.addAll(steps.get(i).after());
            }
        }
        return new FormationPlan(
                steps.stream().filter(step -> needed.contains(step.id())).toList());
    }

    /**
     * The same steps, none of which acts: each is only looked at until it is done or the patience ends, whatever became of
     * the others.
     */
    public FormationPlan asChecks(Duration patience) {
        return new FormationPlan(steps.stream()
                .map(step -> step.withWork((Step.Check) step.work()::probe)
                        .within(patience)
                        .afterNothing())
                .toList());
    }

    /** These steps, and behind them others that may depend on them. */
    public FormationPlan then(Collection<Step> others) {
        var all = new ArrayList<>(steps);
        all.addAll(others);
        return FormationPlan.of(all);
    }

    /** The names that {@code --accept} may give, sorted. */
    public Set<String> acceptIds() {
        var ids = new TreeSet<String>();
        for (Step step : steps) {
            if (!step.acceptId().isEmpty()) {
                ids.add(step.acceptId());
            }
        }
        return ids;
    }

    /** One line a step, for people: its id, what it waits for, what is so afterwards. */
    public String text() {
        var out = new StringBuilder();
        for (Step step : steps) {
            out.append(step.id()).append(": ").append(step.description());
            if (!step.after().isEmpty()) {
                out.append(" (after ").append(String.join(", ", step.after())).append(')');
            }
            out.append('\n');
        }
        return out.toString();
    }

    /** Something that only may rely on but not do. */
    private record Needed(Step step, Step wanted) implements Step.Check {
        @Override
        public Finding probe() throws InterruptedException {
            Finding found = step.work().probe();
            if (found.state() == Finding.State.DONE || found.state() == Finding.State.WRONG) {
                return found;
            }
            return Finding.wrong(Problem.of(
                            ProblemKind.CONFLICT,
                            "Step " + wanted.id() + " needs " + step.id() + ", which is not done.",
                            "Do both: slipway form --until " + wanted.id())
                    .because(found.text()));
        }
    }
}
