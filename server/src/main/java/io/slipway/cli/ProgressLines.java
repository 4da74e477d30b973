package io.slipway.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/**
 * Says on standard error how far something has come: one line when something else begins, and one every other second,
 * so that it reads well in a terminal and in a log.
 */
final class ProgressLines {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final PrintWriter err;
    private String label = "";
    private long last;
    private long began;

    ProgressLines(PrintWriter err) {
        this.err = err;
    }

    /**
     * May be called by several threads and as often as one likes.
     *
     * @param what is being done
     * @param done bytes so far
     * @param total bytes at the end, or 0 where nobody knows
     */
    synchronized void at(String what, long done, long total) {
        long now = System.nanoTime();
        if (!what.equals(label)) {
            label = what;
            began = now;
            last = now;
            err.println(what + " …");
            err.flush();
        } else if (now - last >= PAUSE.toNanos()) {
            last = now;
            double seconds = (now - began) / 1e9;
            String rate = done <= 0 ? "" : String.format(Locale.ROOT, ", %d MiB/s", (long) (done / seconds) >> 20);
            err.println(
                    total > 0
                            ? String.format(
                                    Locale.ROOT,
                                    "%s: %d of %d MiB (%d%%)%s",
                                    what,
                                    done >> 20,
                                    total >> 20,
                                    Math.min(100, 100 * done / total),
                                    rate)
                            : String.format(Locale.ROOT, "%s: %d MiB%s", what, done >> 20, rate));
            err.flush();
        }
    }
}
