package io.slipway.process;

import java.util.function.Consumer;

/** Runs programs to their end, here or on another machine. May be used by several threads at once. */
public interface CommandRunner {
    /**
     * Runs a program and waits. A program whose time was up is a result ({@link CommandResult#timedOut}), as is any
     * exit status.
     *
     * @throws io.slipway.problem.ProblemException if it cannot be started ({@code ENVIRONMENT}, naming the program), or
     *     if it runs on another machine, that machine cannot be reached ({@code UNREACHABLE}) or is not who it was
     *     ({@code UNTRUSTED}); both name the machine
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
