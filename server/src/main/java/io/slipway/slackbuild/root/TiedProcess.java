package io.slipway.slackbuild.root;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.BoundedOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A program whose standard input is its lifeline: it begins when it reads {@code go} there, and ends all that it started
 * when there is nothing more to be read, which happens however this program dies.
 */
final class TiedProcess {
    /** For what is still in the pipe, and for the kernel to take the namespaces apart. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Process process;
    private final Thread reader;

    /** Leaves word of the process before it begins. */
    @FunctionalInterface
    interface Noting {
        void note(ProcessHandle process) throws IOException;
    }

    /**
     * Starts it; it waits for {@link #run}.
     *
     * @param environment all that it gets
     * @param line is shown each line of its output, both streams, by one thread
     */
    TiedProcess(List<String> arguments, Map<String, String> environment, Consumer<String> line) {
        var builder = new ProcessBuilder(arguments).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            process = builder.start();
        } catch (IOException failure) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.ENVIRONMENT,
                                    "A sandbox could not be started.",
                                    "Run \"slipway doctor\" to see what is missing.")
                            .because(String.valueOf(failure.getMessage())),
                    failure);
        }
        reader = new Thread(new BoundedOutput(process.getInputStream(), 1, line), "sandbox-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Lets it begin and waits for its end.
     *
     * @return whether it ended in its time; if not, it and all that it started were ended
     * @throws InterruptedException after it and all that it started were ended
     */
    boolean run(Noting noting, Duration time) throws IOException, InterruptedException {
        boolean inTime;
        try {
            noting.note(process.toHandle());
            OutputStream lifeline = process.getOutputStream();
            lifeline.write("go\n".getBytes(StandardCharsets.UTF_8));
            lifeline.flush();
            inTime = process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            // Also when nothing is amiss: whatever still lives there has no business any more.
            end();
        }
        return inTime;
    }

    /** Waits for the last of its output. */
    void drain() throws InterruptedException {
        reader.join(GRACE.toMillis());
    }

    /** Its exit status, when it has ended. */
    int status() {
        return process.exitValue();
    }

    /** First by the lifeline, which lets the outer process end what is inside; then for good. */
    private void end() throws IOException, InterruptedException {
        boolean interrupted = Thread.interrupted();
        try {
            process.getOutputStream().close();
        } catch (IOException closed) {
            // It has ended.
        }
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                SandboxPlaces.endTree(process.toHandle());
            }
        } catch (InterruptedException again) {
            SandboxPlaces.endTree(process.toHandle());
            interrupted = true;
        }
        if (interrupted) {
            throw new InterruptedException("interrupted while a sandbox ran");
        }
    }
}
