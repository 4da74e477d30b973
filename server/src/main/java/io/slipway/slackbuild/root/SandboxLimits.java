package io.slipway.slackbuild.root;

import java.time.Duration;

/**
 * What a command may use.
 *
 * @param memory bytes, all its processes together, files in memory included
 * @param cpus how many processors' worth of time
 * @param processes at the same time
 * @param disk bytes of everything that it writes: its changes to the root, {@code /tmp} and {@code /output}
 * @param time until it is ended
 * @param log bytes of output that are kept in the log; the last lines are kept in any case
 */
public record SandboxLimits(long memory, int cpus, int processes, long disk, Duration time, long log) {
    /** For the largest of builds on a machine of this kind. */
    public static SandboxLimits usual() {
        int cpus = Runtime.getRuntime().availableProcessors();
        return new SandboxLimits(16L << 30, cpus, 8192, 40L << 30, Duration.ofHours(4), 64L << 20);
    }

    public SandboxLimits {
        // A file system of less holds little but itself.
        if (memory < 1 << 20 || cpus < 1 || processes < 8 || disk < 4 << 20 || log < 1) {
            throw new IllegalArgumentException("memory " + memory + ", cpus " + cpus + ", processes " + processes
                    + ", disk " + disk + ", log " + log);
        }
    }

    public SandboxLimits withTime(Duration duration) {
        return new SandboxLimits(memory, cpus, processes, disk, duration, log);
    }
}
