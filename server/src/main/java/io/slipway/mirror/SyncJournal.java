package io.slipway.mirror;

import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a sync has taken into the store, one line a file, so that a run that ends early does not read it again. Only a
 * hint: what it says is believed as far as the store agrees.
 */
final class SyncJournal implements AutoCloseable {
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{32}) ([0-9a-f]{64}) ([0-9]{1,18}) (.+)");

    private final Path file;
    private final FileChannel channel;

    SyncJournal(Path file) {
        this.file = file;
        try {
            this.channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
            // A line that a killed run left unfinished must not swallow the next one.
            write("\n");
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "written", file);
        }
    }

    /** What earlier runs added; lines that are not whole are left aside. */
    List<SnapshotFile> read() {
        var files = new ArrayList<SnapshotFile>();
        try (var in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches()) {
                    files.add(new SnapshotFile(
                            matcher.group(4),
                            Long.parseLong(matcher.group(3)),
                            matcher.group(1),
                            new Sha256(matcher.group(2))));
                }
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
        return files;
    }

    synchronized void add(SnapshotFile taken) {
        try {
            write(taken.md5() + " " + taken.sha256() + " " + taken.size() + " " + taken.path() + "\n");
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "written", file);
        }
    }

    private void write(String line) throws IOException {
        var bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "closed", file);
        }
    }
}
