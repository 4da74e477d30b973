package io.slipway.image;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.PackageTarReader;
import io.slipway.archive.ReadLimits;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.store.AtomicFiles;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import io.slipway.store.StateLock;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The images that there are. */
public final class ImageStore {
    private final Path state;

    public ImageStore(Path state) {
        this.state = state;
    }

    /**
     * @param digest its name
     * @param built when it was published
     * @param current whether nodes get it
     */
    public record Entry(String digest, Path directory, Instant built, boolean current, Manifest manifest) {
        /** Length of all files in bytes; they share their places on the disk with other images. */
        public long bytes() {
            return manifest.files().values().stream()
                    .mapToLong(Manifest.File::size)
                    .sum();
        }
    }

    /** How one path differs between two images. */
    public enum Change {
        ADDED,
        REMOVED,
        CHANGED
    }

    /** A path that differs. */
    public record Difference(Change change, String path) {}

    /** Newest first. */
    public List<Entry> list() {
        Path images = ImageBuilder.images(state);
        if (!Files.isDirectory(images)) {
            return List.of();
        }
        var out = new ArrayList<Entry>();
        try (var directories = Files.list(images)) {
            Path link = ImageBuilder.current(state);
            String current = Files.isSymbolicLink(link)
                    ? Files.readSymbolicLink(link).getFileName().toString()
                    : "";
            for (Path directory : directories.toList()) {
                String name = directory.getFileName().toString();
                if (name.matches("[0-9a-f]{64}")) {
                    FileTime time = Files.getLastModifiedTime(directory.resolve(Manifest.NAME));
                    out.add(new Entry(
                            name, directory, time.toInstant(), name.equals(current), Manifest.read(directory)));
                }
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "listed", images);
        }
        out.sort(Comparator.comparing(Entry::built).reversed());
        return out;
    }

    /**
     * The image that a person means: {@code current} or the first digits of a digest.
     *
     * @throws io.slipway.problem.ProblemException if none or several begin so
     */
    public Entry get(String wanted) {
        List<Entry> all = list();
        List<Entry> found = all.stream()
                .filter(entry -> wanted.equals("current")
                        ? entry.current()
                        : entry.digest().startsWith(wanted))
                .toList();
        if (found.size() != 1 || wanted.isEmpty()) {
            throw Problem.of(
                            ProblemKind.NOT_FOUND,
                            found.isEmpty()
                                    ? "There is no image \"" + wanted + "\"."
                                    : found.size() + " images begin with \"" + wanted + "\".",
                            "Name one of those that slipway image list shows, or current.")
                    .asException();
        }
        return found.get(0);
    }

    /** What changes from one image to another, by path. */
    public static List<Difference> diff(Manifest before, Manifest after) {
        var paths = new TreeSet<>(before.files().keySet());
        paths.addAll(after.files().keySet());
        var out = new ArrayList<Difference>();
        for (String path : paths) {
            var old = before.files().get(path);
            var now = after.files().get(path);
            if (old == null) {
                out.add(new Difference(Change.ADDED, path));
            } else if (now == null) {
                out.add(new Difference(Change.REMOVED, path));
            } else if (!old.sha256().equals(now.sha256())) {
                out.add(new Difference(Change.CHANGED, path));
            }
        }
        return out;
    }

    /**
     * What changed inside a package of ours: paths with {@code +}, {@code -} or {@code ~} before them; empty for other
     * files.
     */
    public static List<String> innerDiff(Path before, Path after, Difference difference) {
        if (difference.change() == Change.REMOVED || !difference.path().matches("nodes/.*\\.txz")) {
            return List.of();
        }
        Path now = after.resolve(difference.path());
        var fresh = Contents.of(now);
        Path directory = before.resolve(difference.path()).getParent();
        var old = directory == null ? new Contents(new TreeMap<>()) : Contents.ofNodePackage(directory);
        var out = new ArrayList<String>();
        var paths = new TreeSet<>(fresh.digests().keySet());
        paths.addAll(old.digests().keySet());
        for (String path : paths) {
            String left = old.digests().get(path);
            String right = fresh.digests().get(path);
            if (left == null) {
                out.add("+ /" + path);
            } else if (right == null) {
                out.add("- /" + path);
            } else if (!left.equals(right)) {
                out.add("~ /" + path);
            }
        }
        return out;
    }

    /** The files of a package and their digests. */
    private record Contents(SortedMap<String, String> digests) {
        static Contents ofNodePackage(Path directory) {
            if (!Files.isDirectory(directory)) {
                return new Contents(new TreeMap<>());
            }
            try (var files = Files.list(directory)) {
                return files.filter(file -> file.toString().endsWith(".txz"))
                        .findFirst()
                        .map(Contents::of)
                        .orElseGet(() -> new Contents(new TreeMap<>()));
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "listed", directory);
            }
        }

        static Contents of(Path file) {
            var out = new TreeMap<String, String>();
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                PackageTarReader.read(in, file.toString(), ReadLimits.PACKAGE, entry -> {
                    if (entry instanceof ArchiveEntry.File content) {
                        try (InputStream bytes = content.content().open()) {
                            out.put(
                                    entry.path(),
                                    Sha256.of(bytes.readAllBytes()).hex());
                        }
                    }
                });
                return new Contents(out);
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "read", file);
            }
        }
    }

    /**
     * What {@link #collect} would remove: all but the current image and the newest ones.
     *
     * @param keep how many besides the current one stay
     * @param needed digests that a node is armed for or installs from
     */
    public List<Entry> garbage(int keep, Set<String> needed) {
        var out = new ArrayList<Entry>();
        int kept = 0;
        for (Entry entry : list()) {
            if (entry.current() || needed.contains(entry.digest())) {
                continue;
            }
            if (kept < keep) {
                kept++;
            } else {
                out.add(entry);
            }
        }
        return out;
    }

    /**
     * What was removed.
     *
     * @param images their digests
     * @param bytes how much became free
     */
    public record Collected(List<String> images, long bytes) {
        public Collected {
            images = List.copyOf(images);
        }
    }

    /**
     * Removes images and then the content that nothing names any more.
     *
     * @param needed asked while no image can become current or cease to be: whatever is armed later is armed for the
     *     current one, which stays
     */
    public Collected collect(int keep, Supplier<Set<String>> needed) {
        try (StateLock lock = StateLock.acquire(state, "build", "slipway image gc")) {
            var removed = new ArrayList<String>();
            for (Entry entry : garbage(keep, needed.get())) {
                try {
                    // Out of sight first: an image without some of its files must never be served.
                    Path aside = AtomicFiles.directoryAside(entry.directory());
                    Path gone = aside.resolve(entry.digest());
                    Files.move(entry.directory(), gone);
                    AtomicFiles.removeTree(aside);
                    removed.add(entry.digest());
                } catch (IOException failure) {
                    throw DiskFailure.of(failure, "removed", entry.directory());
                }
            }
            AtomicFiles.removeLeftovers(ImageBuilder.images(state));
            var store = new ContentStore(state.resolve("store"));
            store.recover(lock);
            return new Collected(removed, store.removeUnlinked());
        }
    }
}
