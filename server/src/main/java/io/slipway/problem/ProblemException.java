package io.slipway.problem;

import java.util.List;
import java.util.stream.Collectors;

/** One or several problems on their way to the edge that prints them. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public ProblemException(Problem problem) {
        this(List.of(problem));
    }

    public ProblemException(Problem problem, Throwable cause) {
        super(problem.text(), cause);
        this.problems = List.of(problem);
    }

    /**
     * All that was found at once.
     *
     * @throws IllegalArgumentException if the list is empty
     */
    public ProblemException(List<Problem> problems) {
        super(problems.stream().map(Problem::text).collect(Collectors.joining("\n")));
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("problems is empty: nothing is wrong");
        }
        this.problems = List.copyOf(problems);
    }

    /** Never empty. */
    public List<Problem> problems() {
        return problems;
    }

    /** The kind of the first problem, which decides statuses. */
    public ProblemKind kind() {
        return problems.get(0).kind();
    }
}
