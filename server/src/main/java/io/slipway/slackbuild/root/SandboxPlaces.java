package io.slipway.slackbuild.root;

import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import io.slipway.store.StateDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A directory for each sandbox that is in use, {@code STATE/sandboxes/ID}: locked by the program that made it, so that
 * the next one can tell what a program that was killed has left, and removes that, its control groups and its processes.
 */
final class SandboxPlaces {
    private static final String LOCK = "lock";
    private static final String PROCESS = "process";
    /** Held while directories are made and looked through. */
    private static final String ALL = "all.lock";
    /** File locks belong to the whole JVM. */
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private static final Object LOOKING = new Object();
    /** For processes that got SIGKILL. */
    private static final long END_SECONDS = 30;

    private final Path root;
    private final Path hierarchy;

    /** @param hierarchy where control groups are */
    SandboxPlaces(Path state, Path hierarchy) {
        this.root = state.resolve("sandboxes");
        this.hierarchy = hierarchy;
    }

    /** One directory, ours until it is closed. */
    static final class Place implements AutoCloseable {
        private final Path directory;
        private final FileChannel channel;
        private final FileLock lock;

        private Place(Path directory, FileChannel channel, FileLock lock) {
            this.directory = directory;
            this.channel = channel;
            this.lock = lock;
        }

        Path directory() {
            return directory;
        }

        /** The control group's, by which whoever cleans up finds it; it is {@code slipway-ID}. */
        String name() {
            return SandboxPlaces.name(directory);
        }

        /** Leaves word of the process, whose children are the sandbox's. */
        void remember(ProcessHandle process) throws IOException {
            Files.writeString(directory.resolve(PROCESS), signature(process));
        }

        @Override
        public void close() throws IOException {
            try {
                AtomicFiles.removeTree(directory);
                lock.release();
                channel.close();
            } finally {
                OURS.remove(directory);
            }
        }
    }

    private static String name(Path directory) {
        return "slipway-" + directory.getFileName();
    }

    /** Number and start, since numbers are used again. */
    private static String signature(ProcessHandle process) {
        return process.pid() + " "
                + process.info().startInstant().map(String::valueOf).orElse("");
    }

    /** A new directory, after what killed programs left was removed. */
    Place claim() throws InterruptedException {
        synchronized (LOOKING) {
            StateDirectory.create(root.toAbsolutePath().getParent() == null ? root : root.resolveSibling("."));
            StateDirectory.create(root);
            try (var all = FileChannel.open(root.resolve(ALL), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = all.lock()) {
                if (!held.isValid()) {
                    throw new IOException(ALL + " is not locked");
                }
                sweep();
                Path directory = Files.createDirectory(
                        root.resolve(UUID.randomUUID().toString().substring(0, 8)));
                OURS.add(directory);
                var channel =
                        FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                return new Place(directory, channel, channel.lock());
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "prepared", root);
            }
        }
    }

    /** Removes what killed programs left, and makes nothing but a directory that is gone again. */
    void clean() throws InterruptedException {
        if (!Files.isDirectory(root)) {
            return;
        }
        Place place = claim();
        try {
            place.close();
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "removed", root);
        }
    }

    /** Removes what is of nobody that lives. */
    private void sweep() throws IOException, InterruptedException {
        var dead = new ArrayList<Path>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(root)) {
            for (Path child : children) {
                if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS) && !OURS.contains(child) && isLeft(child)) {
                    dead.add(child);
                }
            }
        }
        for (Path directory : dead) {
            end(directory);
            Cgroup.left(hierarchy, name(directory)).remove();
            AtomicFiles.removeTree(directory);
        }
    }

    private static boolean isLeft(Path directory) throws IOException {
        try (var channel =
                FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
            return lock != null;
        }
    }

    /** They end by themselves when their program does; this waits for it, and does not rely on it. */
    private static void end(Path directory) throws IOException, InterruptedException {
        Path file = directory.resolve(PROCESS);
        if (!Files.exists(file)) {
            return;
        }
        String signature = Files.readString(file).strip();
        long pid = Long.parseLong(signature.substring(0, Math.max(0, signature.indexOf(' '))));
        var process = ProcessHandle.of(pid).filter(found -> signature(found).equals(signature));
        if (process.isPresent()) {
            endTree(process.get());
        }
    }

    /** Ends a process and all that it started, and waits until they are gone. */
    static void endTree(ProcessHandle process) throws InterruptedException, IOException {
        List<ProcessHandle> tree = new ArrayList<>(process.descendants().toList());
        tree.add(process);
        tree.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle each : tree) {
            try {
                each.onExit().get(END_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException stuck) {
                throw new IOException("process " + each.pid() + " does not end", stuck);
            }
        }
    }
}
