package io.slipway.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Processes that outlive the program which started them, known by files with their ids. */
final class Processes {
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int LONGEST_LINE = 1 << 16;
    private static final Duration MOMENT = Duration.ofSeconds(1);

    private Processes() {}

    /**
     * The process whose id a file holds.
     *
     * @param token what its command line must contain: ids are used again, and by then they are somebody else's
     * @return empty if it has ended
     */
    static Optional<ProcessHandle> find(Path pidFile, String token) {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).strip());
            String line = commandLine(pid);
            return line.contains(token) ? ProcessHandle.of(pid).filter(ProcessHandle::isAlive) : Optional.empty();
        } catch (IOException | NumberFormatException gone) {
            return Optional.empty();
        }
    }

    /** Processes that have all these words on their command lines. */
    static List<Long> withArguments(String... words) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> {
                    try {
                        return List.of(readOnce(Path.of("/proc", Long.toString(pid), "cmdline"))
                                        .split("\0"))
                                .containsAll(List.of(words));
                    } catch (IOException gone) {
                        return false;
                    }
                })
                .toList();
    }

    /** The command line, which is empty for a moment while a program becomes another, and for ever in a zombie (proc(5)). */
    private static String commandLine(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        long deadline = System.nanoTime() + MOMENT.toNanos();
        String line;
        do {
            line = readOnce(process.resolve("cmdline"));
        } while (line.isEmpty() && !isZombie(process) && System.nanoTime() < deadline);
        return line.replace('\0', ' ');
    }

    /** In one call: two may show the beginning of one program and nothing of the next. */
    private static String readOnce(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            var buffer = new byte[LONGEST_LINE];
            return new String(buffer, 0, Math.max(0, in.read(buffer)), StandardCharsets.ISO_8859_1);
        }
    }

    private static boolean isZombie(Path process) throws IOException {
        String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
        return stat.startsWith(") Z", stat.lastIndexOf(')'));
    }

    /** Asks processes to end, and ends those that do not within a few seconds. */
    static void end(List<Long> pids) throws InterruptedException {
        var handles =
                pids.stream().map(ProcessHandle::of).flatMap(Optional::stream).toList();
        handles.forEach(ProcessHandle::destroy);
        if (!waitFor(handles, GRACE)) {
            handles.forEach(ProcessHandle::destroyForcibly);
            waitFor(handles, GRACE);
        }
    }

    private static boolean waitFor(List<ProcessHandle> handles, Duration longest) throws InterruptedException {
        var all = CompletableFuture.allOf(
                handles.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
        try {
            all.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
