package io.slipway.lab;

import java.io.IOException;
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
            String line = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
            return line.contains(token) ? ProcessHandle.of(pid).filter(ProcessHandle::isAlive) : Optional.empty();
        } catch (IOException | NumberFormatException gone) {
            return Optional.empty();
        }
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
