package io.slipway.mirror;

import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mirror behind an rsync daemon, fetched by the program {@code rsync} into a scratch directory; never with
 * {@code --delete}, never into anything that is published.
 */
final class RsyncSource implements MirrorSource {
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final int TRIES = 3;
    /** Network trouble that may pass: rsync(1), "EXIT VALUES". */
    private static final Set<Integer> WORTH_ANOTHER_TRY = Set.of(5, 10, 12, 30, 35);
    /** Some files could not be transferred: the caller sees which are missing. */
    private static final Set<Integer> INCOMPLETE = Set.of(23, 24);
    /** A line of {@code --info=progress2}: bytes with or without separators, then a percentage. */
    private static final Pattern PROGRESS = Pattern.compile("\\s*([0-9][0-9,.]*)\\s+[0-9]+%.*");

    private final String address;
    private final Path scratch;
    private final CommandRunner runner;

    RsyncSource(String address, Path scratch, CommandRunner runner) {
        this.address = address.endsWith("/") ? address : address + "/";
        this.scratch = scratch.resolve("rsync");
        this.runner = runner;
    }

    @Override
    public byte[] metadata(String path) throws InterruptedException {
        Path file = scratch.resolve("metadata").resolve(path);
        try {
            Files.deleteIfExists(file);
            transfer(List.of(path), scratch.resolve("metadata"), "--max-size=" + LONGEST_METADATA, bytes -> {});
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw MirrorSource.absent(address, path);
            }
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(LONGEST_METADATA);
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }

    @Override
    public void prepare(Collection<String> paths, LongConsumer progress) throws InterruptedException {
        try {
            transfer(paths, scratch.resolve("tree"), "--max-size=" + LONGEST_FILE, progress);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "made", scratch);
        }
    }

    private void transfer(Collection<String> paths, Path into, String limit, LongConsumer progress)
            throws InterruptedException, IOException {
        Files.createDirectories(into);
        if (paths.isEmpty()) {
            return;
        }
        var names = new StringBuilder();
        paths.forEach(path -> names.append(path).append('\0'));
        var arguments = new ArrayList<>(List.of(
                "rsync",
                "--times",
                // What is a link on the mirror is a file here; nothing can point out of the scratch directory.
                "--copy-links",
                "--partial",
                "--no-motd",
                "--timeout=60",
                "--contimeout=30",
                "--info=progress2",
                "--outbuf=L",
                limit,
                "--from0",
                "--files-from=-",
                "--",
                address,
                into + "/"));
        var command = Command.of(LONGEST, arguments).withInput(Command.Input.of(names.toString()));
        var seen = new long[] {0};
        for (int attempt = 1; ; attempt++) {
            CommandResult result = runner.run(command, line -> {
                Matcher matcher = PROGRESS.matcher(line);
                if (matcher.matches()) {
                    String digits = matcher.group(1).replaceAll("[,.]", "");
                    long now = digits.length() > 18 ? 0 : Long.parseLong(digits);
                    if (now > seen[0]) {
                        progress.accept(now - seen[0]);
                        seen[0] = now;
                    }
                }
            });
            if (result.succeeded() || INCOMPLETE.contains(result.status())) {
                return;
            }
            if (attempt >= TRIES || !WORTH_ANOTHER_TRY.contains(result.status())) {
                result.orFail(
                        ProblemKind.UNREACHABLE,
                        "The mirror " + address + " could not be read with rsync",
                        "Check slackware.mirror and the network, then run the same command again: it goes on where it"
                                + " stopped.");
            }
        }
    }

    @Override
    public ContentStore.Stored fetch(String path, String md5, ContentStore store, LongConsumer progress) {
        Path file = scratch.resolve("tree").resolve(path);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw MirrorSource.absent(address, path);
        }
        try {
            return store.adopt(file, true, bytes -> {});
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }

    @Override
    public int parallel() {
        return Runtime.getRuntime().availableProcessors() + 1;
    }
}
