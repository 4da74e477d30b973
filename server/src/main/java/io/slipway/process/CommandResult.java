package io.slipway.process;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;

/**
 * How a program ended.
 *
 * @param command what was run
 * @param status its exit status; 128 plus the signal's number when a signal ended it
 * @param timedOut whether it was ended because its time was up
 * @param output standard output in UTF-8, cut off at the command's limit
 * @param error standard error likewise
 */
public record CommandResult(Command command, int status, boolean timedOut, String output, String error) {
    public boolean succeeded() {
        return status == 0 && !timedOut;
    }

    /**
     * This result, if the program succeeded.
     *
     * @param purpose what did not work, as the beginning of a sentence: {@code "The disk image could not be made"}
     * @param correction what to do next
     * @throws io.slipway.problem.ProblemException otherwise, with the command, its status and the end of its output
     */
    public CommandResult orFail(ProblemKind kind, String purpose, String correction) {
        if (succeeded()) {
            return this;
        }
        String program = command.arguments().get(0);
        String cause = timedOut
                ? program + " did not end within " + command.timeout().toSeconds() + " s."
                : program + " ended with status " + status + ".";
        String said = (error.isBlank() ? output : error).strip();
        throw Problem.of(timedOut ? ProblemKind.TIMED_OUT : kind, purpose + ".", correction)
                .because(cause)
                .withDetails(command.shown() + (said.isEmpty() ? "" : "\n" + tail(said)))
                .asException();
    }

    private static String tail(String text) {
        int longest = 4_000;
        return text.length() <= longest ? text : "…" + text.substring(text.length() - longest);
    }
}
