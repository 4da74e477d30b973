package io.slipway.process;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Starts programs on this machine. Three threads a program (input, output, error), which end with it or shortly after:
 * descendants that keep the pipes open are ended too.
 */
public final class LocalCommandRunner implements CommandRunner {
    /** Between asking a tree of processes to end and ending it. */
    private static final Duration GRACE = Duration.ofSeconds(2);
    /** For output that is still in the pipes when the program has ended. */
    private static final Duration DRAIN = Duration.ofSeconds(5);

    @Override
    public CommandResult run(Command command, Consumer<String> line) throws InterruptedException {
        Process process = start(command);
        var output = new BoundedOutput(process.getInputStream(), command.outputLimit(), line);
        var error = new BoundedOutput(process.getErrorStream(), command.outputLimit(), ignored -> {});
        String name = "command-" + command.arguments().get(0);
        var threads = new Thread[] {
            new Thread(output, name + "-output"),
            new Thread(error, name + "-error"),
            new Thread(() -> feed(process, command.input()), name + "-input")
        };
        for (Thread thread : threads) {
            thread.setDaemon(true);
            thread.start();
        }
        boolean timedOut;
        try {
            timedOut = !process.waitFor(command.timeout().toMillis(), TimeUnit.MILLISECONDS);
            if (timedOut) {
                end(process);
            }
            long deadline = System.nanoTime() + DRAIN.toNanos();
            for (Thread thread : threads) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                thread.join(Math.max(1, left));
            }
        } catch (InterruptedException interrupted) {
            end(process);
            throw interrupted;
        }
        return new CommandResult(command, process.exitValue(), timedOut, output.text(), error.text());
    }

    private static Process start(Command command) {
        var builder = new ProcessBuilder(command.arguments());
        builder.environment().putAll(command.environment());
        var directory = command.directory();
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        try {
            return builder.start();
        } catch (IOException failure) {
            String program = command.arguments().get(0);
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.ENVIRONMENT,
                                    "The program \"" + program + "\" could not be started.",
                                    "Install it, or run \"slipway doctor\" to see which package has it.")
                            .because(String.valueOf(failure.getMessage())),
                    failure);
        }
    }

    private static void feed(Process process, Command.Input input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.toBytes());
        } catch (IOException closed) {
            // A program need not read its input.
        }
    }

    /** Ends the whole tree: first politely, then for good. A child that was started meanwhile is found the second time. */
    private static void end(Process process) throws InterruptedException {
        Set<ProcessHandle> tree = tree(process.toHandle());
        tree.forEach(ProcessHandle::destroy);
        boolean interrupted = false;
        try {
            process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException again) {
            interrupted = true;
        }
        tree.addAll(tree(process.toHandle()));
        for (ProcessHandle handle : Set.copyOf(tree)) {
            tree.addAll(tree(handle));
        }
        tree.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
        if (interrupted) {
            throw new InterruptedException("interrupted while " + process.pid() + " was ended");
        }
    }

    private static Set<ProcessHandle> tree(ProcessHandle root) {
        var tree = new LinkedHashSet<ProcessHandle>();
        tree.add(root);
        root.descendants().forEach(tree::add);
        return tree;
    }
}
