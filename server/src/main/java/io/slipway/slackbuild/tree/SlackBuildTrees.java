package io.slipway.slackbuild.tree;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.SlackBuildFiles;
import io.slipway.slackbuild.SlackBuildReader;
import io.slipway.slackbuild.SlackBuildTree;
import io.slipway.slackbuild.Stacks;
import io.slipway.slackbuild.StacksYaml;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads directories of SlackBuilds: one that is a SlackBuild itself, one that holds some, or one that holds them by
 * category as SlackBuilds.org's does. Links are followed as long as they stay inside; what is read is bounded.
 */
public final class SlackBuildTrees {
    /** What says which SlackBuilds make up a stack. */
    static final String STACKS = "stacks.yaml";

    /** Bytes; scripts and patches are smaller, and what is larger is none of our business. */
    private static final long LARGEST_FILE = 1 << 20;
    /** In one SlackBuild's directory. */
    private static final int MOST_FILES = 1_000;
    /** SlackBuilds.org has about 9,000. */
    private static final int MOST_DIRECTORIES = 20_000;
    /** Below a SlackBuild's directory: patches/, and what people put there. */
    private static final int DEEPEST = 4;

    private SlackBuildTrees() {}

    /**
     * A whole tree. A SlackBuild that cannot be read is kept with what is wrong; the others are read.
     *
     * @throws ProblemException if there is no such directory, or its stacks.yaml is not as it should be
     */
    public static SlackBuildTree read(Path root) {
        var slackbuilds = new LinkedHashMap<String, SlackBuild>();
        var broken = new LinkedHashMap<String, List<Problem>>();
        for (Path directory : list(root)) {
            String name = name(directory);
            if (slackbuilds.containsKey(name) || broken.containsKey(name)) {
                slackbuilds.remove(name);
                broken.computeIfAbsent(name, any -> new ArrayList<>())
                        .add(Problem.of(
                                ProblemKind.INVALID_INPUT,
                                root + " has " + name + " twice, the second time as " + directory + ".",
                                "Remove one of the two."));
                continue;
            }
            try {
                slackbuilds.put(name, SlackBuildReader.read(files(directory)));
            } catch (ProblemException wrong) {
                broken.put(name, new ArrayList<>(wrong.problems()));
            }
        }
        return new SlackBuildTree(root.toString(), stacks(root), slackbuilds, broken);
    }

    /**
     * What the tree's stacks.yaml says, or {@link Stacks#NONE}.
     *
     * @throws ProblemException with everything that is wrong with it
     */
    public static Stacks stacks(Path root) {
        Path file = root.resolve(STACKS);
        if (!Files.exists(file)) {
            return Stacks.NONE;
        }
        FileText text = text(file, file);
        if (text.kind() != FileText.Kind.FILE) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            file + " is no file that can be read, or is larger than a MiB.",
                            "Put a small readable file there, or remove it.")
                    .asException();
        }
        return StacksYaml.read(text.text(), file.toString());
    }

    /**
     * The SlackBuilds' directories in a tree, by path.
     *
     * @throws ProblemException if there is no such directory
     */
    public static List<Path> list(Path root) {
        if (!Files.isDirectory(root)) {
            throw Problem.of(
                            ProblemKind.NOT_FOUND,
                            "There is no directory of SlackBuilds at " + root + ".",
                            "Name one that exists, or run slipway from its own directory.")
                    .asException();
        }
        if (isSlackBuild(root)) {
            return List.of(root);
        }
        var out = new ArrayList<Path>();
        for (Path child : directories(root)) {
            if (isSlackBuild(child)) {
                out.add(child);
            } else {
                directories(child).stream()
                        .filter(SlackBuildTrees::isSlackBuild)
                        .forEach(out::add);
            }
            if (out.size() > MOST_DIRECTORIES) {
                throw Problem.of(
                                ProblemKind.INVALID_INPUT,
                                root + " has more than " + MOST_DIRECTORIES + " SlackBuilds.",
                                "Name a directory further down.")
                        .asException();
            }
        }
        return List.copyOf(out);
    }

    private static List<Path> directories(Path parent) {
        try {
            // Of a link to itself and the like isDirectory says no.
            return children(parent).stream()
                    .filter(child -> !name(child).startsWith(".") && Files.isDirectory(child))
                    .toList();
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "listed", parent);
        }
    }

    private static boolean isSlackBuild(Path directory) {
        try {
            return children(directory).stream()
                    .anyMatch(child -> SlackBuildReader.isScript(name(child)) && !Files.isDirectory(child));
        } catch (IOException unreadable) {
            return false;
        }
    }

    /** What stands in a directory, by name. */
    private static List<Path> children(Path directory) throws IOException {
        var out = new ArrayList<Path>();
        try (var children = Files.newDirectoryStream(directory)) {
            children.forEach(out::add);
        } catch (DirectoryIteratorException failure) {
            throw new IOException(failure.getMessage(), failure);
        }
        out.sort(null);
        return out;
    }

    private static String name(Path path) {
        Path last = path.toAbsolutePath().normalize().getFileName();
        return last == null ? "" : last.toString();
    }

    /**
     * A SlackBuild's directory as it is.
     *
     * @throws ProblemException if it cannot be listed, or has more files than a SlackBuild can have
     */
    public static SlackBuildFiles files(Path directory) {
        var files = new TreeMap<String, FileText>();
        try {
            Path real = directory.toRealPath();
            collect(real, real, "", 0, files, directory);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", directory);
        }
        return new SlackBuildFiles(directory.toString(), name(directory), files);
    }

    private static void collect(
            Path root, Path directory, String prefix, int depth, Map<String, FileText> files, Path shown)
            throws IOException {
        for (Path child : children(directory)) {
            String name = prefix + child.getFileName();
            if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
                // Deeper down are a working tree's own things, such as .git.
                if (depth < DEEPEST && !name(child).startsWith(".")) {
                    collect(root, child, name + '/', depth + 1, files, shown);
                }
            } else {
                files.put(name, text(child, root));
            }
            if (files.size() > MOST_FILES) {
                throw Problem.of(
                                ProblemKind.INVALID_INPUT,
                                shown + " has more than " + MOST_FILES + " files.",
                                "A SlackBuild is a script and some patches: move the rest elsewhere.")
                        .asException();
            }
        }
    }

    private static FileText text(Path file, Path root) {
        try {
            Path real = file.toRealPath();
            if (!real.startsWith(root) && !file.equals(root)) {
                return new FileText(FileText.Kind.BAD_LINK, 0, "");
            }
            if (!Files.isRegularFile(real)) {
                return new FileText(FileText.Kind.OTHER, 0, "");
            }
            int mode = mode(Files.getPosixFilePermissions(real));
            // The size may change while it is read.
            byte[] bytes;
            try (var in = Files.newInputStream(real)) {
                bytes = in.readNBytes((int) LARGEST_FILE + 1);
            }
            return bytes.length > LARGEST_FILE
                    ? new FileText(FileText.Kind.TOO_LARGE, mode, "")
                    : FileText.of(mode, bytes);
        } catch (IOException unreadable) {
            return new FileText(Files.isSymbolicLink(file) ? FileText.Kind.BAD_LINK : FileText.Kind.OTHER, 0, "");
        }
    }

    private static int mode(Set<PosixFilePermission> permissions) {
        String text = PosixFilePermissions.toString(permissions);
        int mode = 0;
        for (int i = 0; i < text.length(); i++) {
            mode = (mode << 1) | (text.charAt(i) == '-' ? 0 : 1);
        }
        return mode;
    }
}
