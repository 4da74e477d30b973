package io.slipway.formation;

import io.slipway.problem.Problem;
import java.time.Duration;
import java.time.Instant;

/** Something that a run has to tell while it goes on. */
public sealed interface FormationEvent {
    /** When. */
    Instant at();

    /** The step that it is about. */
    Step step();

    /** What happened, for people. */
    String text();

    /** What happened, for programs: one word, such as {@code already-done}. */
    String word();

    /** A step is being acted upon. */
    record Started(Instant at, Step step) implements FormationEvent {
        @Override
        public String text() {
            return step.description();
        }

        @Override
        public String word() {
            return "started";
        }
    }

    /**
     * It is not so yet.
     *
     * @param text what is awaited and how far it has come
     */
    record Waiting(Instant at, Step step, String text) implements FormationEvent {
        @Override
        public String word() {
            return "waiting";
        }
    }

    /**
     * It is so now.
     *
     * @param took since it was first looked at
     */
    record Done(Instant at, Step step, String text, Duration took) implements FormationEvent {
        @Override
        public String word() {
            return "done";
        }
    }

    /** It was so already. */
    record AlreadyDone(Instant at, Step step, String text, Duration took) implements FormationEvent {
        @Override
        public String word() {
            return "already-done";
        }
    }

    /** It is as it must not be, and the operator said that it may. */
    record Accepted(Instant at, Step step, Problem problem) implements FormationEvent {
        @Override
        public String text() {
            return problem.summary();
        }

        @Override
        public String word() {
            return "accepted";
        }
    }

    /** It could not be made so. */
    record Failed(Instant at, Step step, Problem problem, Duration took) implements FormationEvent {
        @Override
        public String text() {
            return problem.summary();
        }

        @Override
        public String word() {
            return "failed";
        }
    }

    /**
     * It was not tried.
     *
     * @param text because of which step, or that the run was interrupted
     */
    record Skipped(Instant at, Step step, String text) implements FormationEvent {
        @Override
        public String word() {
            return "skipped";
        }
    }
}
