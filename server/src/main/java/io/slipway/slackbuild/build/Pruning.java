package io.slipway.slackbuild.build;

import io.slipway.store.AtomicFiles;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which of the packages that were built and of the build roots stay, and which go. A package stays if it would be built just
 * so now, or is among the newest others of its name; a root if a build would use it now. Of what nothing can be told, all
 * stays.
 *
 * @param state the state directory
 * @param entries packages, then roots, by path
 */
public record Pruning(Path state, List<Entry> entries) {
    private static final String PACKAGES = "packages";
    private static final String ROOTS = "roots";
    private static final String DIGEST = "[0-9a-f]{64}";

    public Pruning {
        entries = List.copyOf(entries);
    }

    /**
     * A package's directory, or a root.
     *
     * @param bytes of all its files
     * @param stays whether it is kept
     * @param why the end of a sentence that begins with what becomes of it
     */
    public record Entry(Path path, long bytes, boolean stays, String why) {}

    /**
     * Looks and changes nothing.
     *
     * @param keep packages of a name that stay besides the present one, the newest
     */
    public static Pruning of(Path state, NeededBuilds needed, int keep) {
        var entries = new ArrayList<Entry>();
        for (Path directory : directories(state.resolve(PACKAGES), "[^.].*")) {
            packages(directory, new PackageCache(state), needed, keep, entries);
        }
        for (Path root : directories(state.resolve(ROOTS), DIGEST)) {
            boolean used = needed.roots().contains(new Sha256(name(root)));
            boolean stays = used || !needed.unknown().isEmpty();
            String unknown = String.join(", ", needed.unknown().keySet());
            entries.add(new Entry(
                    root,
                    size(root),
                    stays,
                    used
                            ? "builds use it"
                            : stays ? "what " + unknown + " would use cannot be told" : "no build would use it now"));
        }
        return new Pruning(state, entries);
    }

    private static void packages(
            Path directory, PackageCache cache, NeededBuilds needed, int keep, List<Entry> entries) {
        String name = name(directory);
        Sha256 present = needed.packages().get(name);
        var whole = new HashSet<Path>();
        var newest = new HashSet<Path>();
        cache.list(name).stream()
                .sorted(Comparator.comparing((KeptPackage kept) -> kept.record().built())
                        .reversed())
                .forEach(kept -> {
                    whole.add(kept.directory());
                    boolean other = !kept.record().digest().sha256().equals(present);
                    if (other && newest.size() < keep) {
                        newest.add(kept.directory());
                    }
                });
        for (Path each : directories(directory, DIGEST)) {
            entries.add(entry(each, name, present, needed, whole, newest));
        }
    }

    private static Entry entry(
            Path path, String name, @Nullable Sha256 present, NeededBuilds needed, Set<Path> whole, Set<Path> newest) {
        long bytes = size(path);
        if (!whole.contains(path)) {
            return new Entry(path, bytes, false, "it is not whole");
        }
        if (present != null && present.hex().equals(name(path))) {
            return new Entry(path, bytes, true, "it is what would be built now");
        }
        if (needed.unknown().containsKey(name)) {
            return new Entry(path, bytes, true, "what would be built now cannot be told");
        }
        return newest.contains(path)
                ? new Entry(path, bytes, true, "it is among the newest others")
                : new Entry(path, bytes, false, "newer ones stay");
    }

    /**
     * Removes what does not stay, and what killed programs have left. Killed itself, it leaves nothing that looks whole. Only to
     * be called under the state's lock.
     */
    public void remove() {
        new PackageCache(state).removeLeftovers();
        AtomicFiles.removeLeftovers(state.resolve(ROOTS));
        for (Entry entry : entries) {
            if (!entry.stays()) {
                try {
                    AtomicFiles.removeWhole(entry.path());
                    // A root's; a package has its log inside.
                    Files.deleteIfExists(entry.path().resolveSibling(name(entry.path()) + ".log"));
                } catch (IOException failure) {
                    throw DiskFailure.of(failure, "removed", entry.path());
                }
            }
        }
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static List<Path> directories(Path parent, String pattern) {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (var children = Files.list(parent)) {
            return children.filter(child ->
                            name(child).matches(pattern) && Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "listed", parent);
        }
    }

    private static long size(Path tree) {
        var sum = new long[1];
        try {
            Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sum[0] += attributes.size();
                    return FileVisitResult.CONTINUE;
                }
            });
            return sum[0];
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "measured", tree);
        }
    }
}
