package io.slipway.formation;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One thing that is made so, and checked.
 *
 * @param id what it is called on the command line: lower case, parts joined by dots, the node last ({@code
 *     ovn.join.node2})
 * @param node the node that it is about, or "" for the cluster as a whole
 * @param description what is so afterwards, a phrase: {@code "node2 is a voter of OVN's databases"}
 * @param waiting the sentence that is shown while it is awaited, without full stop: {@code "waiting until node2 has
 *     caught up"}
 * @param timeout how long everything of it may take: looking, acting, and waiting
 * @param after ids of the steps that must be done before, in any order
 * @param occupies names of nodes that no other step may work on at the same time; empty: all of them, so that it runs
 *     alone
 * @param acceptId what {@code --accept} must name so that a {@link Finding.State#WRONG} of this step is passed over;
 *     "" if it cannot be
 * @param work how
 */
public record Step(
        String id,
        String node,
        String description,
        String waiting,
        Duration timeout,
        List<String> after,
        Set<String> occupies,
        String acceptId,
        Work work) {
    private static final Duration USUAL = Duration.ofMinutes(2);

    /** How a step looks and acts. Each method may be called any number of times, by different threads one at a time. */
    public interface Work {
        /**
         * Looks, and changes nothing. Called before anything that the step depends on is done, too; what it needs may
         * be missing then, which is {@link Finding.State#UNKNOWN}, not a failure.
         *
         * @throws io.slipway.problem.ProblemException if it cannot look
         */
        Finding probe() throws InterruptedException;

        /**
         * Makes it so, or sets in motion what makes it so. Called only after {@link #probe} said
         * {@link Finding.State#TO_DO} with all that the step depends on done, so it may be called on a cluster where an
         * earlier run was killed in the middle of it.
         *
         * @throws io.slipway.problem.ProblemException if it cannot be done; the step has failed then
         */
        void act() throws InterruptedException;

        /** Asked again and again after {@link #act} until it says {@link Finding.State#DONE} or the time is up. */
        default Finding verify() throws InterruptedException {
            return probe();
        }
    }

    /** Looks only: what it looks for is awaited until the time is up. */
    @FunctionalInterface
    public interface Check extends Work {
        @Override
        default void act() {
            // There is nothing to do but to wait.
        }
    }

    public Step {
        after = List.copyOf(after);
        occupies = Set.copyOf(occupies);
        if (!id.matches("[a-z0-9]([a-z0-9.-]*[a-z0-9])?")) {
            throw new IllegalArgumentException("\"" + id + "\" cannot be the id of a step");
        }
        if (description.isBlank()) {
            throw new IllegalArgumentException("step " + id + " has no description");
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("step " + id + " has a timeout of " + timeout);
        }
    }

    /**
     * A step of one node, or of the cluster as a whole (which runs alone), that depends on nothing and may take two
     * minutes.
     */
    public static Step of(String id, String node, String description, Work work) {
        return new Step(
                id,
                node,
                description,
                "waiting until " + description,
                USUAL,
                List.of(),
                node.isEmpty() ? Set.of() : Set.of(node),
                "",
                work);
    }

    public Step waiting(String sentence) {
        return new Step(id, node, description, sentence, timeout, after, occupies, acceptId, work);
    }

    public Step within(Duration time) {
        return new Step(id, node, description, waiting, time, after, occupies, acceptId, work);
    }

    /** With more steps that must be done before. */
    public Step after(String... ids) {
        return after(Arrays.asList(ids));
    }

    /** With more steps that must be done before. */
    public Step after(List<String> ids) {
        var all = new LinkedHashSet<>(after);
        all.addAll(ids);
        return new Step(id, node, description, waiting, timeout, List.copyOf(all), occupies, acceptId, work);
    }

    /** With these nodes to itself instead of the usual ones. */
    public Step occupying(Set<String> nodes) {
        return new Step(id, node, description, waiting, timeout, after, nodes, acceptId, work);
    }

    /** With a name under which what is wrong may be accepted. */
    public Step acceptableAs(String name) {
        return new Step(id, node, description, waiting, timeout, after, occupies, name, work);
    }

    /** Without what must be done before. */
    Step afterNothing() {
        return new Step(id, node, description, waiting, timeout, List.of(), occupies, acceptId, work);
    }

    /** The same step done by other means. */
    Step withWork(Work other) {
        return new Step(id, node, description, waiting, timeout, after, occupies, acceptId, other);
    }

    /** Whether the two may not run at the same time. */
    boolean excludes(Step other) {
        return occupies.isEmpty()
                || other.occupies.isEmpty()
                || occupies.stream().anyMatch(other.occupies::contains);
    }
}
