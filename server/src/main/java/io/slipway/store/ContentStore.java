package io.slipway.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;

/**
 * Content by its SHA-256: {@code store/ab/abcdef…}, read-only files that snapshots and images hard-link.
 *
 * <p>What is taken in is hashed while it is copied and gets its name only when it is whole. It survives a power failure
 * only after {@link #sync()}: syncing thousands of files one by one while they are written would take longer than
 * everything else. Until then the file {@code store/unsynced} says so; {@link #recover} checks after a power failure
 * what was written since then. (A killed program loses nothing: what it wrote is the kernel's.)
 *
 * <p>Safe for several threads. Several programs: under {@link StateLock}.
 */
public final class ContentStore {
    private static final int BUFFER = 1 << 17;
    /** Enough for the file system to join the syncs of small files into few commits. */
    private static final int SYNC_THREADS = 16;

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path root;
    private final Path marker;
    private final ConcurrentLinkedQueue<Path> unsynced = new ConcurrentLinkedQueue<>();
    private boolean marked;

    /**
     * What was taken in.
     *
     * @param size in bytes
     * @param md5 32 lower-case hexadecimal digits, or empty where nobody asked
     */
    public record Stored(Sha256 sha256, long size, String md5) {}

    /** The store in {@code root}, which is made if it is missing. */
    public ContentStore(Path root) {
        this.root = root;
        this.marker = root.resolve("unsynced");
        try {
            Files.createDirectories(root);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "made", root);
        }
    }

    /** Where the content lies or would lie. */
    public Path path(Sha256 sha256) {
        return root.resolve(sha256.hex().substring(0, 2)).resolve(sha256.hex());
    }

    /** Whether the content is there with that length. */
    public boolean contains(Sha256 sha256, long size) {
        try {
            return Files.size(path(sha256)) == size;
        } catch (IOException absent) {
            return false;
        }
    }

    /**
     * Takes in what a stream gives, hashing it once.
     *
     * @param in read to its end and not closed
     * @param withMd5 whether to compute MD5 in the same pass
     * @param progress is told the length of each part
     * @throws io.slipway.problem.ProblemException if the disk is full or refuses
     * @throws IOException if {@code in} fails
     */
    public Stored ingest(InputStream in, boolean withMd5, LongConsumer progress) throws IOException {
        mark();
        Path aside = AtomicFiles.aside(root.resolve("any"));
        boolean done = false;
        try {
            Stored stored = copy(in, aside, withMd5, progress);
            place(aside, stored);
            done = true;
            return stored;
        } finally {
            if (!done) {
                delete(aside);
            }
        }
    }

    /** Takes in bytes in memory. */
    public Stored ingest(byte[] bytes) {
        var sha256 = Sha256.of(bytes);
        if (!contains(sha256, bytes.length)) {
            try {
                ingest(new ByteArrayInputStream(bytes), false, part -> {});
            } catch (IOException impossible) {
                throw new IllegalStateException("reading from memory failed", impossible);
            }
        }
        return new Stored(sha256, bytes.length, "");
    }

    private Stored copy(InputStream in, Path aside, boolean withMd5, LongConsumer progress) throws IOException {
        MessageDigest sha256 = Sha256.digest("SHA-256");
        MessageDigest md5 = Sha256.digest("MD5");
        long size = 0;
        try (var out = openAside(aside)) {
            var buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                sha256.update(buffer, 0, count);
                if (withMd5) {
                    md5.update(buffer, 0, count);
                }
                writeFully(out, buffer, count, aside);
                size += count;
                progress.accept(count);
            }
        }
        return new Stored(
                Sha256.ofDigest(sha256.digest()), size, withMd5 ? HexFormat.of().formatHex(md5.digest()) : "");
    }

    private FileChannel openAside(Path aside) {
        try {
            return FileChannel.open(
                    aside,
                    Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r--r--r--")));
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "written", root);
        }
    }

    private void writeFully(FileChannel out, byte[] buffer, int count, Path aside) {
        try {
            var bytes = ByteBuffer.wrap(buffer, 0, count);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException failure) {
            delete(aside);
            throw DiskFailure.of(failure, "written", root);
        }
    }

    /**
     * Takes in a file by hashing it where it is and renaming it into the store; for what was downloaded beside it.
     *
     * @param file on the same file system, nobody else writes it; gone afterwards
     */
    public Stored adopt(Path file, boolean withMd5, LongConsumer progress) throws IOException {
        mark();
        Stored stored = measure(file, withMd5, progress);
        adopt(file, stored);
        return stored;
    }

    /**
     * What a file would be in the store.
     *
     * @param withMd5 whether to compute MD5 in the same pass
     * @param progress is told the length of each part
     */
    public static Stored measure(Path file, boolean withMd5, LongConsumer progress) throws IOException {
        MessageDigest sha256 = Sha256.digest("SHA-256");
        MessageDigest md5 = Sha256.digest("MD5");
        long size = 0;
        try (InputStream in = Files.newInputStream(file)) {
            var buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                sha256.update(buffer, 0, count);
                if (withMd5) {
                    md5.update(buffer, 0, count);
                }
                size += count;
                progress.accept(count);
            }
        }
        return new Stored(
                Sha256.ofDigest(sha256.digest()), size, withMd5 ? HexFormat.of().formatHex(md5.digest()) : "");
    }

    /**
     * Takes in a file that was measured before, by renaming it into the store.
     *
     * @param file as in {@link #adopt(Path, boolean, LongConsumer)}
     * @param stored what {@link #measure} said of it
     */
    public void adopt(Path file, Stored stored) {
        mark();
        try {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "written", file);
        }
        place(file, stored);
    }

    private void place(Path aside, Stored stored) {
        Path place = path(stored.sha256());
        try {
            if (contains(stored.sha256(), stored.size())) {
                // Others may be linked to what is there; a second copy would take space for nothing.
                Files.delete(aside);
                return;
            }
            Files.createDirectories(parent(place));
            Files.move(aside, place, StandardCopyOption.ATOMIC_MOVE);
            unsynced.add(place);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "written", place);
        }
    }

    /**
     * Gives content other names by hard links, with the directories that they need.
     *
     * @param links content by path under {@code root}
     * @throws io.slipway.problem.ProblemException if content is not there, or the place is on another file system
     */
    public void link(Map<String, Sha256> links, Path root) {
        var directories = new HashSet<Path>();
        for (String path : links.keySet()) {
            Path directory = parent(root.resolve(path));
            if (directories.add(directory)) {
                try {
                    Files.createDirectories(directory);
                } catch (IOException failure) {
                    throw DiskFailure.of(failure, "made", directory);
                }
            }
        }
        // Thousands of system calls that do not depend on each other.
        links.entrySet().parallelStream().forEach(link -> {
            Path place = root.resolve(link.getKey());
            try {
                Files.createLink(place, path(link.getValue()));
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "linked", place);
            }
        });
    }

    /** Makes everything that was taken in survive a power failure. Call it before publishing what refers to it. */
    public void sync() {
        var files = new ArrayList<Path>();
        for (Path file = unsynced.poll(); file != null; file = unsynced.poll()) {
            files.add(file);
        }
        var directories = files.stream().map(ContentStore::parent).distinct().toList();
        inParallel(files, file -> {
            try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
                channel.force(true);
            } catch (NoSuchFileException removed) {
                // Nothing to keep.
            }
        });
        inParallel(directories, AtomicFiles::syncDirectory);
        try {
            AtomicFiles.syncDirectory(root);
            synchronized (this) {
                if (unsynced.isEmpty() && marked) {
                    Files.deleteIfExists(marker);
                    AtomicFiles.syncDirectory(root);
                    marked = false;
                }
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "synced", root);
        }
    }

    private interface Syncing {
        void sync(Path path) throws IOException;
    }

    private void inParallel(List<Path> paths, Syncing syncing) {
        var pool = Executors.newFixedThreadPool(SYNC_THREADS, task -> {
            var thread = new Thread(task, "store-sync");
            thread.setDaemon(true);
            return thread;
        });
        try {
            var tasks = new ArrayList<Future<?>>();
            for (Path path : paths) {
                tasks.add(pool.submit(() -> {
                    syncing.sync(path);
                    return path;
                }));
            }
            for (Future<?> task : tasks) {
                task.get();
            }
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof IOException disk) {
                throw DiskFailure.of(disk, "synced", root);
            }
            throw new IllegalStateException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw DiskFailure.of(new IOException("interrupted"), "synced", root);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Says on the disk, before anything is written, that what follows is not yet safe. */
    private synchronized void mark() {
        if (!marked) {
            if (!Files.exists(marker)) {
                AtomicFiles.write(marker, "rw-r--r--", out -> out.write(bootId().getBytes(StandardCharsets.UTF_8)));
            }
            marked = true;
        }
    }

    /**
     * Removes what a killed program left unfinished and, if the machine was switched off meanwhile, whatever of its
     * unsynced content is not whole. To be called first.
     *
     * @param lock proof that nobody else is writing
     */
    public void recover(StateLock lock) {
        lock.requireHeld();
        AtomicFiles.removeLeftovers(root);
        try {
            if (!Files.exists(marker)) {
                return;
            }
            boolean sameBoot = Files.readString(marker).equals(bootId()) && !bootId().isEmpty();
            FileTime since = Files.getLastModifiedTime(marker);
            // The clock of the file system may be coarser than that of the marker.
            long from = since.toMillis() - 10_000;
            for (Path file : list()) {
                if (Files.getLastModifiedTime(file).toMillis() < from) {
                    continue;
                }
                if (!sameBoot && !Sha256.of(file).hex().equals(String.valueOf(file.getFileName()))) {
                    Files.delete(file);
                } else {
                    unsynced.add(file);
                }
            }
            synchronized (this) {
                marked = true;
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "checked", root);
        }
    }

    /** Every file of the store. */
    public List<Path> list() {
        var files = new ArrayList<Path>();
        try (var directories = Files.newDirectoryStream(root, "[0-9a-f][0-9a-f]")) {
            for (Path directory : directories) {
                try (var children = Files.newDirectoryStream(directory)) {
                    children.forEach(files::add);
                }
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "listed", root);
        }
        return files;
    }

    /**
     * Removes content that no snapshot and no image links to any more.
     *
     * @return how many bytes became free
     */
    public long removeUnlinked() {
        long freed = 0;
        try {
            for (Path file : list()) {
                if (Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) instanceof Integer links
                        && links == 1) {
                    freed += Files.size(file);
                    Files.delete(file);
                }
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "cleaned", root);
        }
        return freed;
    }

    private static String bootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException unknown) {
            return "";
        }
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no parent");
        }
        return parent;
    }

    private static void delete(Path aside) {
        try {
            Files.deleteIfExists(aside);
        } catch (IOException left) {
            // recover() gets it next time; the first failure is the one to report.
        }
    }
}
