package io.slipway.bench;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs one after the other and measures them. */
final class MeasuredProcess {
    /** Often enough to see the last high-water mark of a program before it ends. */
    private static final Duration GLANCE = Duration.ofMillis(5);
    /** For a program that is told to end. */
    private static final Duration GRACE = Duration.ofSeconds(60);

    private static final int SHOWN = 2000;

    /**
     * Tells a program to end when the thread that started it does, however that happens (PR_SET_PDEATHSIG of prctl(2)): a
     * bench that is killed leaves no compilation behind. Becomes the program, so what is measured is its own.
     */
    private static final List<String> TIED = List.of("setpriv", "--pdeathsig", "TERM", "--");

    private final Path log;
    private final Duration longest;
    private final String correction;

    /**
     * @param log a file for what the programs say
     * @param longest after it a program is ended
     * @param correction what to do when one fails
     */
    MeasuredProcess(Path log, Duration longest, String correction) {
        this.log = log;
        this.longest = longest;
        this.correction = correction;
    }

    /**
     * How a program went.
     *
     * @param peakKib the most memory that it had itself at a time, resident, in KiB; its children's not
     * @param output both streams
     */
    record Run(double seconds, long peakKib, String output) {}

    /**
     * Runs a program to its end, or to this program's. Java gets 256 MiB of heap if the program is Slipway.
     *
     * @throws io.slipway.problem.ProblemException if it fails, of the kind that its exit status says
     * @throws InterruptedException after it was ended
     */
    Run run(List<String> command, Path where) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        var words = new ArrayList<>(TIED);
        words.addAll(command);
        var builder = new ProcessBuilder(words)
                .directory(where.toAbsolutePath().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("SLIPWAY_JAVA_OPTS", "-Xmx256m");
        Process process = builder.start();
        long peak = 0;
        try {
            while (!process.waitFor(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                peak = Math.max(peak, peakKib(process.pid()));
                if (System.nanoTime() - begin > longest.toNanos()) {
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException interrupted) {
            end(process);
            throw interrupted;
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        String said = Files.readString(log);
        if (process.exitValue() != 0) {
            throw Problem.of(
                            kind(process.exitValue()),
                            command.get(0) + " failed, so there is nothing to measure.",
                            correction)
                    .withDetails(said.substring(Math.max(0, said.length() - SHOWN)))
                    .asException();
        }
        return new Run(seconds, peak, said);
    }

    /** What was written or removed before must not wait in line before what is measured. */
    void settle() throws IOException, InterruptedException {
        run(List.of("sync"), Path.of(""));
    }

    /** It may have something to put away first. */
    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    private static ProblemKind kind(int status) {
        return Arrays.stream(ProblemKind.values())
                .filter(kind -> kind.exitStatus() == status)
                .findFirst()
                .orElse(ProblemKind.ENVIRONMENT);
    }

    /** {@code VmHWM} of proc(5); 0 when the program has ended. */
    private static long peakKib(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException ended) {
            return 0;
        }
        return 0;
    }
}
