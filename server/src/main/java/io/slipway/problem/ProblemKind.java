package io.slipway.problem;

/** The category of a problem: one exit status and one HTTP status each. */
public enum ProblemKind {
    /** Something the user wrote is wrong: a configuration, an option, a file given to us. */
    INVALID_INPUT(2, 400),
    /** A named thing does not exist. */
    NOT_FOUND(3, 404),
    /** The state of things forbids it now: already running, not armed, still in use. */
    CONFLICT(4, 409),
    /** Somebody who should answer does not: a mirror, a node, the appliance. */
    UNREACHABLE(5, 502),
    /** A condition did not come about in its time. */
    TIMED_OUT(6, 504),
    /** What was fetched or read is not what was promised: checksum, signature, truncation. */
    UNTRUSTED(7, 422),
    /** The machine cannot do it: full disk, missing program, missing permission. */
    ENVIRONMENT(8, 503),
    /** A fault of this program. */
    BUG(70, 500);

    private final int exitStatus;
    private final int httpStatus;

    ProblemKind(int exitStatus, int httpStatus) {
        this.exitStatus = exitStatus;
        this.httpStatus = httpStatus;
    }

    /** Exit status of a command that ends with this problem. */
    public int exitStatus() {
        return exitStatus;
    }

    /** Status of an admin API answer that ends with this problem. */
    public int httpStatus() {
        return httpStatus;
    }
}
