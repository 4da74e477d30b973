package io.slipway.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets Ctrl-C (SIGINT, SIGTERM) interrupt the thread that made this, and lets the program end when that thread has let go of
 * what it holds, or after 90 seconds.
 */
final class StopOnSignal implements AutoCloseable {
    /** As shells say of what Ctrl-C ended. */
    static final int EXIT_STATUS = 130;

    private static final long LONGEST_SECONDS = 90;

    private final Thread running = Thread.currentThread();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean ended;
    private final Thread hook = new Thread(
            () -> {
                if (!ended) {
                    running.interrupt();
                }
                try {
                    done.await(LONGEST_SECONDS, TimeUnit.SECONDS);
                } catch (InterruptedException again) {
                    Thread.currentThread().interrupt();
                }
            },
            "slipway-stop");

    StopOnSignal() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** From here on a signal ends the program when this is closed, and interrupts nothing. */
    void ended() {
        ended = true;
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // It is what ends us.
        }
    }
}
