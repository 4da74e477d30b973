package io.slipway.slackbuild.root;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.FileMode;
import io.slipway.archive.Owner;
import io.slipway.archive.PackageTarReader;
import io.slipway.archive.ReadLimits;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackware.DoinstSymlinks;
import io.slipway.store.AtomicFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks packages as installpkg does, into one directory on top of others, without mounting them and without following
 * any link out of them: links that lead to directories are kept and followed as if the tree were {@code /} already, a link
 * in the place of a file goes away, {@code install/} is put aside, and the links that doinst.sh makes are made at once,
 * since nothing runs in a root whose libraries have no names. Extended attributes are left out.
 */
final class PackageTree {
    /** Linux gives up after as many ({@code MAXSYMLINKS}). */
    private static final int MOST_LINKS = 40;

    private static final long LONGEST_SCRIPT = 16 << 20;
    private static final String DATABASE = "var/lib/pkgtools/";

    private final Path upper;
    private final List<Path> layers;
    /** Directories known to be there, in the upper one and with nothing above them. */
    private final Set<String> made = new HashSet<>();

    /** Times of directories are set last: what is put into them changes them. */
    private final Map<String, FileTime> times = new TreeMap<>();

    /**
     * @param upper an empty directory
     * @param lower what lies below it, the lowest first
     */
    PackageTree(Path upper, List<Path> lower) {
        this.upper = upper;
        var top = new ArrayList<Path>();
        top.add(upper);
        for (int i = lower.size() - 1; i >= 0; i--) {
            top.add(lower.get(i));
        }
        this.layers = List.copyOf(top);
    }

    /**
     * Unpacks one package and records it in the package database.
     *
     * @return its doinst.sh without the lines that were carried out, or empty
     * @throws ProblemException if the package is refused
     */
    String install(PackageFile file) throws IOException {
        var script = new String[] {""};
        var list = new ArrayList<String>(List.of("./"));
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file.file()), 1 << 17)) {
            PackageTarReader.readTimed(
                    in, String.valueOf(file.file().getFileName()), ReadLimits.PACKAGE, (entry, time) -> {
                        list.add(entry.path() + (entry instanceof ArchiveEntry.Directory ? "/" : ""));
                        if (entry.path().equals("install") || entry.path().startsWith("install/")) {
                            if (entry.path().equals("install/doinst.sh") && entry instanceof ArchiveEntry.File doinst) {
                                script[0] = text(doinst, file);
                            }
                            return;
                        }
                        unpack(entry, time);
                    });
        }
        for (ArchiveEntry.Symlink link : DoinstSymlinks.parse(script[0])) {
            unpack(link, Instant.EPOCH);
        }
        record(file, list);
        return withoutLinks(script[0]);
    }

    private static String text(ArchiveEntry.File file, PackageFile in) throws IOException {
        if (file.content().size() > LONGEST_SCRIPT) {
            throw Problem.of(ProblemKind.UNTRUSTED, "The package " + in.name() + " is refused.", "Ask whoever made it.")
                    .because("Its doinst.sh has " + file.content().size() + " bytes.")
                    .asException();
        }
        try (InputStream content = file.content().open()) {
            return new String(content.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** What is left to be run. Comments and the shapes that were understood are not. */
    private static String withoutLinks(String script) {
        var rest = new StringBuilder();
        boolean any = false;
        for (String line : script.lines().toList()) {
            if (line.matches("\\( cd \\S+ ; (rm -rf \\S+|ln -sf \\S+ \\S+) \\)")) {
                continue;
            }
            rest.append(line).append('\n');
            any |= !line.isBlank() && !line.stripLeading().startsWith("#");
        }
        return any ? rest.toString() : "";
    }

    private void record(PackageFile file, List<String> list) throws IOException {
        String name = file.name().toString().replaceFirst("\\.t[gblx]z$", "");
        String text = "PACKAGE NAME:     " + name + "\nPACKAGE LOCATION: " + file.name() + "\nFILE LIST:\n"
                + String.join("\n", list) + "\n";
        String place = resolve(DATABASE + "packages/" + name);
        makeParents(place);
        Files.writeString(upper.resolve(place), text);
    }

    private Path target(String place) {
        try {
            return upper.resolve(place);
        } catch (InvalidPathException beyond) {
            throw new ProblemException(
                    Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "A build root cannot be made: in this program's locale no file can be called /" + place
                                    + ".",
                            "Start it with LC_ALL=C.UTF-8, or by ./slipway, which sees to that."),
                    beyond);
        }
    }

    private void unpack(ArchiveEntry entry, Instant time) throws IOException {
        String place = resolve(entry.path());
        Path target = target(place);
        if (entry instanceof ArchiveEntry.Directory directory) {
            Path there = look(place);
            if (there != null && Files.isSymbolicLink(there)) {
                Path followed = look(follow(place));
                if (followed != null && Files.isDirectory(followed, LinkOption.NOFOLLOW_LINKS)) {
                    return;
                }
            }
            makeParents(place);
            makeDirectory(place);
            own(target, directory.mode(), directory.owner());
            times.put(place, FileTime.from(time));
            return;
        }
        makeParents(place);
        if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            if (!(entry instanceof ArchiveEntry.Symlink)) {
                throw Problem.of(
                                ProblemKind.CONFLICT,
                                "A build root cannot be made: two of its packages do not agree.",
                                "Leave one of them out.")
                        .because("/" + entry.path() + " is a directory and a file.")
                        .asException();
            }
            // As "rm -rf" in doinst.sh does.
            AtomicFiles.removeTree(target);
            made.removeIf(path -> path.equals(place) || path.startsWith(place + "/"));
            times.keySet().removeIf(path -> path.equals(place) || path.startsWith(place + "/"));
        }
        Files.deleteIfExists(target);
        if (entry instanceof ArchiveEntry.File file) {
            try (InputStream in = file.content().open()) {
                Files.copy(in, target);
            }
            own(target, file.mode(), file.owner());
            Files.setLastModifiedTime(target, FileTime.from(time));
        } else if (entry instanceof ArchiveEntry.Symlink link) {
            Files.createSymbolicLink(target, Path.of(link.target()));
        } else if (entry instanceof ArchiveEntry.HardLink link) {
            Files.createLink(target, upper.resolve(resolve(link.target())));
        } else {
            throw new IllegalStateException("readers of packages give no " + entry);
        }
    }

    private static void own(Path path, FileMode mode, Owner owner) throws IOException {
        if (owner.uid() != 0) {
            Files.setAttribute(path, "unix:uid", owner.uid(), LinkOption.NOFOLLOW_LINKS);
        }
        if (owner.gid() != 0) {
            Files.setAttribute(path, "unix:gid", owner.gid(), LinkOption.NOFOLLOW_LINKS);
        }
        // Behind the owner, whose change takes set-uid away.
        Files.setAttribute(path, "unix:mode", mode.bits());
    }

    /** Sets the times of all directories; to be called last. */
    void finish() throws IOException {
        for (Map.Entry<String, FileTime> time : times.entrySet()) {
            Files.setLastModifiedTime(upper.resolve(time.getKey()), time.getValue());
        }
    }

    /** A directory of the tree with mode 755, and those above it. */
    void makeDirectories(String path) throws IOException {
        String place = resolve(path);
        makeParents(place + "/x");
    }

    private void makeParents(String place) throws IOException {
        for (int slash = place.indexOf('/'); slash > 0; slash = place.indexOf('/', slash + 1)) {
            makeDirectory(place.substring(0, slash));
        }
    }

    /** In the upper directory, looking like the one below if there is one. */
    private void makeDirectory(String place) throws IOException {
        if (!made.add(place)) {
            return;
        }
        Path there = look(place);
        Path here = upper.resolve(place);
        boolean directory = there != null && Files.isDirectory(there, LinkOption.NOFOLLOW_LINKS);
        if (directory && here.equals(there)) {
            return;
        }
        Files.deleteIfExists(here);
        Files.createDirectory(here);
        if (there == null || !directory) {
            own(here, FileMode.OF_755, Owner.ROOT);
            times.put(place, FileTime.from(Instant.EPOCH));
            return;
        }
        Map<String, Object> like = Files.readAttributes(there, "unix:uid,gid,mode", LinkOption.NOFOLLOW_LINKS);
        own(
                here,
                new FileMode((Integer) like.getOrDefault("mode", 0755) & 07777),
                new Owner((Integer) like.getOrDefault("uid", 0), (Integer) like.getOrDefault("gid", 0)));
        times.put(place, Files.getLastModifiedTime(there, LinkOption.NOFOLLOW_LINKS));
    }

    /** The topmost thing of that path, whose parents are no links; null if there is none. */
    private @Nullable Path look(String place) throws IOException {
        for (Path layer : layers) {
            Path path = layer.resolve(place);
            try {
                // A character device 0:0 in a layer says that what is below was removed.
                return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                                .isOther()
                        ? null
                        : path;
            } catch (NoSuchFileException absent) {
                // Perhaps further down.
            } catch (FileSystemException hidden) {
                // A file in the place of a directory further down hides all of it.
                return null;
            }
        }
        return null;
    }

    /** Where a path lies when the links on its way, but not at its end, are followed. */
    private String resolve(String path) throws IOException {
        return resolve(path, false);
    }

    private String follow(String path) throws IOException {
        return resolve(path, true);
    }

    private String resolve(String path, boolean toTheEnd) throws IOException {
        Deque<String> todo = new ArrayDeque<>(List.of(path.split("/", -1)));
        var done = new ArrayDeque<String>();
        int links = 0;
        while (!todo.isEmpty()) {
            String name = todo.removeFirst();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                done.pollLast();
                continue;
            }
            done.addLast(name);
            String place = String.join("/", done);
            if (made.contains(place) || (todo.isEmpty() && !toTheEnd)) {
                continue;
            }
            Path there = look(place);
            if (there == null || !Files.isSymbolicLink(there)) {
                continue;
            }
            if (++links > MOST_LINKS) {
                throw Problem.of(
                                ProblemKind.UNTRUSTED,
                                "A build root cannot be made: the links at /" + path + " lead in a circle.",
                                "Leave out the package that has them.")
                        .asException();
            }
            done.removeLast();
            String target = Files.readSymbolicLink(there).toString();
            if (target.startsWith("/")) {
                done.clear();
            }
            String[] names = target.split("/", -1);
            for (int i = names.length - 1; i >= 0; i--) {
                todo.addFirst(names[i]);
            }
        }
        return String.join("/", done);
    }
}
