package io.slipway.slackbuild.root;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * How a command in a sandbox ended.
 *
 * @param end why
 * @param status its exit status; 128 plus the signal's number when a signal ended it
 * @param produced files that it left in {@code /output}, by name, taken out of the sandbox; none unless it ended by
 *     itself
 * @param duration with making the sandbox and taking it apart, a tenth of a second or so
 * @param peakMemory bytes, where the kernel counts them
 * @param tail the last lines of its output
 * @param unbounded limits that could not be set on this machine, each with the reason
 */
public record SandboxResult(
        End end,
        int status,
        List<Path> produced,
        Duration duration,
        OptionalLong peakMemory,
        List<String> tail,
        List<String> unbounded) {
    /** Why a command ended. */
    public enum End {
        /** By itself. */
        EXITED,
        /** Its time was up. */
        TIMED_OUT,
        /** It, or one of its processes, needed more memory than allowed, and the kernel ended it. */
        OUT_OF_MEMORY,
        /** It filled its disk. It may have gone on after that. */
        DISK_FULL
    }

    public SandboxResult {
        produced = List.copyOf(produced);
        tail = List.copyOf(tail);
        unbounded = List.copyOf(unbounded);
    }

    public boolean succeeded() {
        return end == End.EXITED && status == 0;
    }
}
