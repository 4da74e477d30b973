package io.slipway.remote;

/** Runs commands on one node. */
public interface RemoteShell {
    /**
     * Runs a command to its end.
     *
     * @throws io.slipway.problem.ProblemException if the node does not answer, is not who it was, or takes too long; a
     *     status other than 0 is a result
     */
    CommandResult run(Command command);
}
