package io.slipway.process;

import java.util.function.Consumer;

/** Runs programs to their end. */
public interface CommandRunner {
    /**
     * Runs a program and waits.
     *
     * @throws io.slipway.problem.ProblemException if it cannot be started ({@code ENVIRONMENT}, naming the program)
     * @throws InterruptedException after the program and all that it started were ended
     */
    default CommandResult run(Command command) throws InterruptedException {
        return run(command, line -> {});
    }

    /**
     * Runs a program and shows each line of its standard output as it comes. A line ends with a newline or a carriage
     * return, which programs use to redraw their progress.
     *
     * @param line called by one thread; lines longer than 64 KiB are cut
     */
    CommandResult run(Command command, Consumer<String> line) throws InterruptedException;
}
