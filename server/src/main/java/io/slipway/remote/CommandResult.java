package io.slipway.remote;

/**
 * How a command ended.
 *
 * @param status exit status; 128 and a signal's number where one ended it
 * @param output what it printed, cut off where it was too long
 * @param errors what it printed to standard error, likewise
 */
public record CommandResult(int status, String output, String errors) {
    public boolean succeeded() {
        return status == 0;
    }
}
