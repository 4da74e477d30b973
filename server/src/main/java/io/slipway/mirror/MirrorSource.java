package io.slipway.mirror;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.CommandRunner;
import io.slipway.store.ContentStore;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.LongConsumer;

/** Where a mirror's files come from. */
interface MirrorSource extends AutoCloseable {
    /** Longest metadata file: the CHECKSUMS.md5 of a whole mirror has about 20 MB. */
    int LONGEST_METADATA = 64 << 20;

    /** Longest file at all. */
    long LONGEST_FILE = 8L << 30;

    /**
     * A small file, as it is now.
     *
     * @throws ProblemException of kind NOT_FOUND if the mirror has none of that path
     */
    byte[] metadata(String path) throws InterruptedException;

    /**
     * Called once before {@link #fetch}, with all paths that will be fetched.
     *
     * @param progress is told how many more bytes have come
     */
    default void prepare(Collection<String> paths, LongConsumer progress) throws InterruptedException {}

    /**
     * Takes a file into the store, with its MD5. Called by several threads.
     *
     * @param md5 what CHECKSUMS.md5 says; only names unfinished downloads
     * @param progress is told how many more bytes were read
     */
    ContentStore.Stored fetch(String path, String md5, ContentStore store, LongConsumer progress)
            throws InterruptedException;

    /** How many files are fetched at the same time. */
    int parallel();

    @Override
    default void close() {}

    /**
     * The source that {@code slackware.mirror} names.
     *
     * @param scratch for unfinished downloads, on the store's file system; survives a killed run
     */
    static MirrorSource of(String mirror, Path scratch, CommandRunner runner) {
        if (mirror.startsWith("rsync://")) {
            return new RsyncSource(mirror, scratch, runner);
        }
        if (mirror.startsWith("http://") || mirror.startsWith("https://")) {
            return new HttpSource(mirror, scratch);
        }
        if (mirror.contains("://")) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "slackware.mirror: \"" + mirror.replaceAll("\\p{Cntrl}", "?") + "\" is of an unknown kind.",
                            "Name a directory, or an address that begins with rsync://, http:// or https://.")
                    .asException();
        }
        return new DirectorySource(Path.of(mirror));
    }

    /** That the mirror has no such file. */
    static ProblemException absent(String mirror, String path) {
        return Problem.of(
                        ProblemKind.NOT_FOUND,
                        "The mirror " + mirror + " has no file " + path + ".",
                        "Name the root of a slackware64 tree in slackware.mirror: the directory that holds CHECKSUMS.md5"
                                + " and slackware64/. If it is one, it is being updated: try again later.")
                .asException();
    }
}
