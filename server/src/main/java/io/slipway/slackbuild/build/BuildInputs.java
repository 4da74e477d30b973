package io.slipway.slackbuild.build;

import io.slipway.archive.EntryPath;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.Declaration;
import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.root.PackageFile;
import io.slipway.slackbuild.source.SourceKey;
import io.slipway.slackbuild.source.SourcesLock;
import io.slipway.slackbuild.source.WantedSource;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a package is made of, but for the packages that it needs.
 *
 * @param files of the SlackBuild's directory, by path in it
 * @param sources by the name that the script expects; empty for those that nobody has reached yet
 * @param environment variables that decide about what is built
 * @param root packages of the build root, in the order in which they are installed
 */
public record BuildInputs(
        SortedMap<String, Content> files,
        SortedMap<String, Optional<Sha256>> sources,
        SortedMap<String, String> environment,
        List<PackageFile> root) {
    /** What a fetch step brought: the content of VENDOR. */
    static final String VENDOR = "vendor.tar";

    public BuildInputs {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        sources = Collections.unmodifiableSortedMap(new TreeMap<>(sources));
        environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
        root = List.copyOf(root);
    }

    /** A file's content and whether it may be executed. */
    public record Content(Sha256 sha256, boolean executable) {}

    /**
     * @param lock what the sources must be
     * @param root packages of the build root
     * @throws ProblemException if its directory has something that cannot be read, or a source's name makes no sense
     */
    public static BuildInputs of(SlackBuild slackbuild, SourcesLock lock, List<PackageFile> root) {
        var sources = new TreeMap<String, Optional<Sha256>>();
        for (SourceKey key : sourceKeys(slackbuild)) {
            sources.put(key.file(), lock.pin(key).map(SourcesLock.Pin::sha256));
        }
        return new BuildInputs(files(slackbuild, sources), sources, BuildEnvironment.deciding(slackbuild), root);
    }

    /**
     * Whether it can be said what it is made of.
     *
     * @throws ProblemException with every source whose address makes no sense, and every file of its directory that cannot be
     *     read
     */
    public static void check(SlackBuild slackbuild) {
        var sources = new HashSet<String>();
        sourceKeys(slackbuild).forEach(key -> sources.add(key.file()));
        var problems = new ArrayList<Problem>();
        slackbuild.files().files().forEach((name, file) -> {
            boolean unreadable = file.kind() == FileText.Kind.BAD_LINK || file.kind() == FileText.Kind.OTHER;
            if (unreadable && !sources.contains(name)) {
                problems.add(unreadable(slackbuild, name, file));
            }
        });
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
    }

    private static Problem unreadable(SlackBuild slackbuild, String name, FileText file) {
        return Problem.of(
                        ProblemKind.INVALID_INPUT,
                        slackbuild.name() + " cannot be built: " + EntryPath.shown(name)
                                + " in its directory cannot be read.",
                        "Put the file itself there, or remove it.")
                .because(
                        file.kind() == FileText.Kind.OTHER
                                ? "It is no plain file, or not readable."
                                : "It is a link that leads nowhere or out of the directory.");
    }

    /** Its sources and, if it declares the network, what the fetch step brings. */
    static List<SourceKey> sourceKeys(SlackBuild slackbuild) {
        var keys = new ArrayList<SourceKey>();
        for (WantedSource source : BuildSources.of(List.of(slackbuild))) {
            keys.add(source.key());
        }
        if (slackbuild.declarations().contains(Declaration.NETWORK)) {
            keys.add(vendorKey(slackbuild));
        }
        return keys;
    }

    static SourceKey vendorKey(SlackBuild slackbuild) {
        return new SourceKey(slackbuild.name(), slackbuild.version(), VENDOR);
    }

    private static SortedMap<String, Content> files(SlackBuild slackbuild, Map<String, ?> sources) {
        var files = new TreeMap<String, Content>();
        for (Map.Entry<String, FileText> entry : slackbuild.files().files().entrySet()) {
            String name = entry.getKey();
            FileText file = entry.getValue();
            // People keep a source beside the script; the pinned one is taken.
            if (sources.containsKey(name)) {
                continue;
            }
            switch (file.kind()) {
                case FILE ->
                    files.put(
                            name,
                            new Content(
                                    Sha256.of(file.bytes().getBytes(StandardCharsets.ISO_8859_1)),
                                    file.isExecutable()));
                case TOO_LARGE -> {
                    Path path = Path.of(slackbuild.files().path(), name);
                    try {
                        files.put(name, new Content(Sha256.of(path), Files.isExecutable(path)));
                    } catch (IOException failure) {
                        throw DiskFailure.of(failure, "read", path);
                    }
                }
                case BAD_LINK, OTHER -> throw unreadable(slackbuild, name, file).asException();
            }
        }
        return files;
    }
}
