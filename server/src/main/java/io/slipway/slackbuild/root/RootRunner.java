package io.slipway.slackbuild.root;

import java.nio.file.Path;
import java.util.function.Consumer;

/** Runs commands on a root that they cannot change. */
@FunctionalInterface
public interface RootRunner {
    /**
     * Runs a command to its end.
     *
     * @param log gets its output, both streams, bounded
     * @param output an existing directory that gets the plain files that the command left in {@code /output}
     * @param line is shown each line of its output as it comes, by one thread
     * @throws io.slipway.problem.ProblemException if this machine cannot do it ({@code ENVIRONMENT})
     * @throws InterruptedException after the command and all that it started were ended
     */
    SandboxResult run(SandboxRequest request, Path log, Path output, Consumer<String> line) throws InterruptedException;
}
