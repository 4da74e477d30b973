package io.slipway.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Files and directories that are there whole or not at all: written beside their place, synced, renamed, and the
 * directory synced after it ({@code rename(2)}, {@code fsync(2)}).
 */
public final class AtomicFiles {
    /** How the names of unfinished files begin; {@link #removeLeftovers} knows them by it. */
    static final String ASIDE = ".aside-";

    private AtomicFiles() {}

    /** Writes content to a stream that the caller closes. */
    @FunctionalInterface
    public interface Writing {
        void to(OutputStream out) throws IOException;
    }

    /**
     * Writes or replaces a file.
     *
     * @param permissions such as {@code rw-------}; they hold from the first moment on
     * @throws io.slipway.problem.ProblemException if the disk is full or refuses; the old file is then still there
     */
    public static void write(Path file, String permissions, Writing writing) {
        Path aside = aside(file);
        try {
            try (var channel = FileChannel.open(
                            aside,
                            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
                    var out = Channels.newOutputStream(channel)) {
                // umask takes bits away from what was asked for when the file was made.
                Files.setPosixFilePermissions(aside, PosixFilePermissions.fromString(permissions));
                writing.to(out);
                out.flush();
                channel.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory(parent(file));
        } catch (IOException failure) {
            discard(aside);
            throw DiskFailure.of(failure, "written", file);
        } catch (RuntimeException failure) {
            discard(aside);
            throw failure;
        }
    }

    /** Writes or replaces a file that everybody may read. */
    public static void write(Path file, byte[] content) {
        write(file, "rw-r--r--", out -> out.write(content));
    }

    /**
     * Writes or replaces a file that may be missing, empty or damaged after a power failure, because whoever reads it
     * notices and makes it again. A killed program leaves it whole or as it was.
     */
    public static void writeUnsynced(Path file, byte[] content) {
        Path aside = aside(file);
        try {
            Files.write(aside, content, StandardOpenOption.CREATE_NEW);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            discard(aside);
            throw DiskFailure.of(failure, "written", file);
        }
    }

    /**
     * A new directory beside the place where {@link #publish} will put it, mode 755.
     *
     * @param place where it will be
     */
    public static Path directoryAside(Path place) {
        try {
            Files.createDirectories(parent(place));
            return Files.createDirectory(aside(place));
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "made", place);
        }
    }

    /**
     * Gives a finished directory its name, for good.
     *
     * @return false if there is something of that name already, which stays; {@code aside} then stays too
     */
    public static boolean publish(Path aside, Path place) {
        try {
            syncTree(aside);
            if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            Files.move(aside, place, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory(parent(place));
            return true;
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "published", place);
        }
    }

    /** Lets the symbolic link {@code link} point to {@code target} from one moment to the next. */
    public static void switchLink(Path link, Path target) {
        Path aside = aside(link);
        try {
            Files.createSymbolicLink(aside, target);
            Files.move(aside, link, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory(parent(link));
        } catch (IOException failure) {
            discard(aside);
            throw DiskFailure.of(failure, "switched", link);
        }
    }

    /** Syncs a directory, so that names in it survive a power failure. */
    public static void syncDirectory(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Syncs every directory of a tree; its files must have been synced when they were written. */
    private static void syncTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                syncDirectory(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /**
     * Removes what killed programs left unfinished directly in {@code directory}. Only to be called under the state's
     * lock, since unfinished files of a running program look the same.
     */
    public static void removeLeftovers(Path directory) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var children = Files.newDirectoryStream(directory, ASIDE + "*")) {
            for (Path child : children) {
                removeTree(child);
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "cleaned of leftovers", directory);
        }
    }

    /**
     * Removes a directory that whoever looks sees whole or not at all: it loses its name first. What a killed program leaves
     * of it, {@link #removeLeftovers} removes.
     */
    public static void removeWhole(Path directory) throws IOException {
        Path aside = aside(directory);
        Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
        removeTree(aside);
    }

    /** Removes a file or a whole tree, without following links; nothing happens where there is nothing. */
    public static void removeTree(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    static Path aside(Path place) {
        return parent(place).resolve(ASIDE + UUID.randomUUID());
    }

    private static Path parent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no parent");
        }
        return parent;
    }

    private static void discard(Path aside) {
        try {
            Files.delete(aside);
        } catch (NoSuchFileException absent) {
            // It was renamed, or never made.
        } catch (IOException left) {
            // removeLeftovers gets it next time; the first failure is the one to report.
        }
    }
}
