package io.slipway.formation;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import org.jspecify.annotations.Nullable;

/**
 * What a step found when it looked at the cluster.
 *
 * @param state what follows from it
 * @param text for people: what is so, or what is still awaited ({@code "2 of 3 members are ONLINE"})
 * @param problem of {@link State#WRONG}: what was expected, what was found, where, and what to do; otherwise null
 */
public record Finding(State state, String text, @Nullable Problem problem) {
    /** What follows. */
    public enum State {
        /** It is as it should be. */
        DONE,
        /** It is not so yet, and acting, or waiting, may make it so. */
        TO_DO,
        /** It cannot be known before something else is done, such as a daemon that starts. Nothing is acted upon. */
        UNKNOWN,
        /** It is as it must not be, and acting would harm or not help. */
        WRONG
    }

    public Finding {
        if ((state == State.WRONG) != (problem != null)) {
            throw new IllegalArgumentException(state + " with problem " + problem);
        }
    }

    public static Finding done(String text) {
        return new Finding(State.DONE, text, null);
    }

    public static Finding toDo(String text) {
        return new Finding(State.TO_DO, text, null);
    }

    public static Finding unknown(String text) {
        return new Finding(State.UNKNOWN, text, null);
    }

    public static Finding wrong(Problem problem) {
        return new Finding(State.WRONG, problem.summary(), problem);
    }

    /**
     * Something that is as it must not be.
     *
     * @param expected a noun phrase: {@code "one kernel on all nodes"}
     * @param found a noun phrase that says where: {@code "5.15.145 on node1, 5.15.160 on node2"}
     * @param correction a sentence: what to do
     */
    public static Finding wrong(String expected, String found, String correction) {
        return wrong(
                Problem.of(ProblemKind.CONFLICT, "Expected " + expected + ", but found " + found + ".", correction));
    }
}
