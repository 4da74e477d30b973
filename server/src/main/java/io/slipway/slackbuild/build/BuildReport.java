package io.slipway.slackbuild.build;

import io.slipway.problem.Problem;
import java.util.List;
import java.util.Optional;

/**
 * What came of building.
 *
 * @param outcomes in the order of building
 */
public record BuildReport(List<Outcome> outcomes) {
    public BuildReport {
        outcomes = List.copyOf(outcomes);
    }

    /** How it went with one package. */
    public enum State {
        /** It was there. */
        KEPT,
        /** It was built. */
        BUILT,
        /** It could not be built. */
        FAILED,
        /** It was not tried, because something that it needs is not there. */
        SKIPPED
    }

    /**
     * One package.
     *
     * @param kept the package, if there is one
     * @param problems why there is none
     * @param missing what it needs and what is not there
     * @param differences what differs in a second build of it, where one was asked for
     */
    public record Outcome(
            String name,
            State state,
            Optional<KeptPackage> kept,
            List<Problem> problems,
            List<String> missing,
            Optional<List<String>> differences) {
        public Outcome {
            problems = List.copyOf(problems);
            missing = List.copyOf(missing);
            differences = differences.map(List::copyOf);
        }

        static Outcome of(State state, KeptPackage kept) {
            return new Outcome(kept.record().name(), state, Optional.of(kept), List.of(), List.of(), Optional.empty());
        }

        static Outcome failed(String name, List<Problem> problems) {
            return new Outcome(name, State.FAILED, Optional.empty(), problems, List.of(), Optional.empty());
        }

        static Outcome skipped(String name, List<String> missing) {
            return new Outcome(name, State.SKIPPED, Optional.empty(), List.of(), missing, Optional.empty());
        }

        Outcome verified(List<String> found) {
            return new Outcome(name, state, kept, problems, missing, Optional.of(found));
        }

        Outcome unverified(List<Problem> why) {
            return new Outcome(name, state, kept, why, missing, Optional.empty());
        }
    }

    /** All that is wrong, in the order of building. */
    public List<Problem> problems() {
        return outcomes.stream().flatMap(outcome -> outcome.problems().stream()).toList();
    }

    /** Those with that state. */
    public List<Outcome> list(State state) {
        return outcomes.stream().filter(outcome -> outcome.state() == state).toList();
    }
}
