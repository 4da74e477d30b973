package io.slipway.archive;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** Entries as a tree: each path once, parents present and before their children, sorted by bytes. */
public final class EntryTree {
    private EntryTree() {}

    /**
     * The entries in the order in which archives are written; missing parents are added with mode 755 and owner root.
     *
     * @throws io.slipway.problem.ProblemException if one path comes twice, or something else than a directory has
     *     children
     */
    public static List<ArchiveEntry> complete(Collection<? extends ArchiveEntry> entries) {
        var tree = new TreeMap<String, ArchiveEntry>(EntryPath.BY_BYTES);
        for (ArchiveEntry entry : entries) {
            if (tree.putIfAbsent(entry.path(), entry) != null) {
                throw Problem.of(
                                ProblemKind.CONFLICT,
                                "Two entries of one archive are called \"" + entry.path() + "\".",
                                "Keep one of them.")
                        .asException();
            }
        }
        for (ArchiveEntry entry : entries) {
            String path = entry.path();
            for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
                String parent = path.substring(0, slash);
                ArchiveEntry there = tree.putIfAbsent(parent, ArchiveEntry.directory(parent, FileMode.OF_755));
                if (there != null && !(there instanceof ArchiveEntry.Directory)) {
                    throw Problem.of(
                                    ProblemKind.CONFLICT,
                                    "\"" + parent + "\" is not a directory, and \"" + path + "\" lies in it.",
                                    "Rename one of them.")
                            .asException();
                }
            }
        }
        return List.copyOf(tree.values());
    }
}
