package io.slipway.slackbuild.root;

import io.slipway.store.DiskFailure;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** A log file that keeps its beginning and its end. Not for several threads. */
final class BoundedLog implements AutoCloseable {
    /** Enough for what went wrong and what it was doing. */
    static final int TAIL = 40;

    private final OutputStream out;
    private final long limit;
    private final Deque<String> tail = new ArrayDeque<>();
    private long written;
    private long left;

    BoundedLog(Path file, long limit) {
        this.limit = limit;
        try {
            this.out = new BufferedOutputStream(Files.newOutputStream(file));
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "written", file);
        }
    }

    void add(String line) {
        tail.addLast(line);
        if (tail.size() > TAIL) {
            tail.removeFirst();
        }
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        if (left > 0 || written + bytes.length > limit) {
            left++;
            return;
        }
        written += bytes.length;
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException full) {
            // A build does not fail because nobody can read about it; the result has the last lines.
            left++;
        }
    }

    /** Both keeps a line and shows it. */
    Consumer<String> and(Consumer<String> line) {
        return text -> {
            add(text);
            line.accept(text);
        };
    }

    List<String> tail() {
        return List.copyOf(tail);
    }

    @Override
    public void close() {
        try (out) {
            if (left > 0) {
                String end =
                        "… (" + left + " lines were left out; the last ones are) …\n" + String.join("\n", tail) + "\n";
                out.write(end.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException full) {
            // As above.
        }
    }
}
