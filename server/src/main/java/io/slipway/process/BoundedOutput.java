package io.slipway.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads what a program prints to its end, so that the program is never blocked, keeps the beginning, and shows each line
 * as it comes. To be run by a thread of its own.
 */
public final class BoundedOutput implements Runnable {
    private static final int LONGEST_LINE = 1 << 16;

    private final InputStream in;
    private final int limit;
    private final Consumer<String> line;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final ByteArrayOutputStream current = new ByteArrayOutputStream();

    /**
     * @param in closed at its end
     * @param limit bytes that are kept
     * @param line gets each line without its end, a newline or a carriage return, cut at 64 KiB; empty lines are left out
     */
    public BoundedOutput(InputStream in, int limit, Consumer<String> line) {
        this.in = in;
        this.limit = limit;
        this.line = line;
    }

    @Override
    public void run() {
        var buffer = new byte[8192];
        try (in) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                keep(buffer, count);
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n' || buffer[i] == '\r') {
                        flush();
                    } else if (current.size() < LONGEST_LINE) {
                        current.write(buffer[i]);
                    }
                }
            }
        } catch (IOException closed) {
            // The program was ended, or the connection cut; what came until then stays.
        }
        flush();
    }

    private void flush() {
        if (current.size() > 0) {
            line.accept(current.toString(StandardCharsets.UTF_8));
            current.reset();
        }
    }

    private void keep(byte[] buffer, int count) {
        synchronized (kept) {
            kept.write(buffer, 0, Math.min(count, limit - kept.size()));
        }
    }

    /** What was kept until now, in UTF-8. */
    public String text() {
        synchronized (kept) {
            return kept.toString(StandardCharsets.UTF_8);
        }
    }
}
