package io.slipway.mirror;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** A mirror that lies on this machine, which somebody else may be updating. */
final class DirectorySource implements MirrorSource {
    private final Path root;

    DirectorySource(Path root) {
        this.root = root;
        if (!Files.isDirectory(root)) {
            throw Problem.of(
                            ProblemKind.NOT_FOUND,
                            "slackware.mirror: there is no directory " + root + ".",
                            "Name the root of a slackware64 tree.")
                    .asException();
        }
    }

    @Override
    public byte[] metadata(String path) {
        Path file = file(path);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LONGEST_METADATA + 1);
            if (bytes.length > LONGEST_METADATA) {
                throw Problem.of(
                                ProblemKind.UNTRUSTED,
                                file + " is longer than " + LONGEST_METADATA + " bytes.",
                                "Name the root of a slackware64 tree in slackware.mirror.")
                        .asException();
            }
            return bytes;
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }

    @Override
    public ContentStore.Stored fetch(String path, String md5, ContentStore store, LongConsumer progress) {
        Path file = file(path);
        try (InputStream in = Files.newInputStream(file)) {
            return store.ingest(in, true, progress);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }

    /** Length of a file in bytes, 0 if there is none. */
    long size(String path) {
        try {
            return Files.size(root.resolve(path));
        } catch (IOException absent) {
            return 0;
        }
    }

    /** Not a pipe or a device, which could be read forever. */
    private Path file(String path) {
        Path file = root.resolve(path);
        if (!Files.isRegularFile(file)) {
            throw MirrorSource.absent(root.toString(), path);
        }
        return file;
    }

    /** Hashing is what takes the time; one more covers for one that waits for the disk. */
    @Override
    public int parallel() {
        return Runtime.getRuntime().availableProcessors() + 1;
    }
}
