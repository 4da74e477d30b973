package io.slipway.problem;

/**
 * One thing that is wrong.
 *
 * @param kind category
 * @param summary what happened, one sentence that names the file, field or node
 * @param cause why, or empty where the summary says it
 * @param correction what to do next, or empty where nobody can say
 * @param details anything longer (a command's output, a list), or empty
 */
public record Problem(ProblemKind kind, String summary, String cause, String correction, String details) {

    /** A problem whose summary says why. */
    public static Problem of(ProblemKind kind, String summary, String correction) {
        return new Problem(kind, summary, "", correction, "");
    }

    /** The same problem with a cause. */
    public Problem because(String why) {
        return new Problem(kind, summary, why, correction, details);
    }

    /** The same problem with details. */
    public Problem withDetails(String text) {
        return new Problem(kind, summary, cause, correction, text);
    }

    /** The problem as an exception. */
    public ProblemException asException() {
        return new ProblemException(this);
    }

    /** All parts, one a line, as the command line prints them. */
    public String text() {
        var out = new StringBuilder(summary);
        if (!cause.isEmpty()) {
            out.append("\n  Cause: ").append(cause.replace("\n", "\n    "));
        }
        if (!correction.isEmpty()) {
            out.append("\n  Do: ").append(correction.replace("\n", "\n    "));
        }
        if (!details.isEmpty()) {
            out.append("\n  Details: ").append(details.replace("\n", "\n    "));
        }
        return out.toString();
    }
}
