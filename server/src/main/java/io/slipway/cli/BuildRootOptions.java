package io.slipway.cli;

import io.slipway.mirror.Snapshot;
import io.slipway.mirror.SnapshotFile;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.build.RootPackages;
import io.slipway.slackbuild.root.PackageFile;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.PackagesTxt;
import io.slipway.slackware.Series;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what build roots are made of. */
final class BuildRootOptions {
    @Option(
            names = "--snapshot",
            paramLabel = "NAME",
            description =
                    "The snapshot whose series build roots are made of (default: that of -f FILE, or the only one).")
    private @Nullable String snapshot;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            description = "Make all build roots of the packages in this directory, by name, instead of a snapshot's"
                    + " series.")
    private @Nullable Path directory;

    /**
     * @param named by the cluster's file, if there is one
     */
    RootPackages packages(Path state, Optional<String> named) {
        Path given = directory;
        return given != null ? fromDirectory(given) : fromSnapshot(snapshot(state, named));
    }

    private Snapshot snapshot(Path state, Optional<String> named) {
        String given = snapshot;
        if (given != null || named.isPresent()) {
            return Snapshot.get(state, given != null ? given : named.orElseThrow());
        }
        List<Snapshot> all = Snapshot.list(state);
        if (all.size() == 1) {
            return all.get(0);
        }
        throw Problem.of(
                        all.isEmpty() ? ProblemKind.NOT_FOUND : ProblemKind.INVALID_INPUT,
                        all.isEmpty()
                                ? "There is no snapshot in " + state + " to make a build root of."
                                : "There are several snapshots in " + state + ": "
                                        + String.join(
                                                ", ",
                                                all.stream().map(Snapshot::name).toList())
                                        + ".",
                        all.isEmpty()
                                ? "Take one with \"slipway mirror sync\", or name a directory of packages with --root."
                                : "Name one with --snapshot, or a cluster's file with -f.")
                .asException();
    }

    /** The series of a snapshot. */
    static RootPackages fromSnapshot(Snapshot snapshot) {
        List<PackagesTxt.Entry> all = snapshot.packages();
        return (series, more, without) -> {
            var files = new ArrayList<PackageFile>();
            var missing = new ArrayList<String>();
            for (Series each : series.stream()
                    .map(Series::new)
                    .sorted(Series.INSTALLATION_ORDER)
                    .toList()) {
                List<PackagesTxt.Entry> found = all.stream()
                        .filter(entry -> entry.series().filter(each::equals).isPresent())
                        .toList();
                if (found.isEmpty()) {
                    missing.add("series " + each);
                }
                found.forEach(entry -> add(files, snapshot, entry, without));
            }
            for (String name : more) {
                if (files.stream().noneMatch(file -> file.name().name().equals(name))) {
                    all.stream()
                            .filter(entry -> entry.file().name().equals(name))
                            .findFirst()
                            .ifPresentOrElse(
                                    entry -> add(files, snapshot, entry, Set.of()),
                                    () -> missing.add("package " + name));
                }
            }
            if (!missing.isEmpty()) {
                throw Problem.of(
                                ProblemKind.NOT_FOUND,
                                "Snapshot \"" + snapshot.name() + "\" lacks what a build root is made of: "
                                        + String.join(", ", missing) + ".",
                                "Name the stack in packages.stacks of cluster.yaml, or the series in slackware.series, and"
                                        + " take a snapshot of another name with \"slipway mirror sync\"; or correct the"
                                        + " series of the stack in stacks.yaml.")
                        .asException();
            }
            return files;
        };
    }

    private static void add(
            List<PackageFile> files, Snapshot snapshot, PackagesTxt.Entry entry, Collection<String> without) {
        if (!without.contains(entry.file().name())) {
            SnapshotFile file = snapshot.getFile(entry.path());
            files.add(new PackageFile(entry.file(), snapshot.path(file), file.sha256()));
        }
    }

    private static RootPackages fromDirectory(Path directory) {
        var all = new ArrayList<PackageFile>();
        try (var files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                Optional<PackageFileName> name = PackageFileName.find(String.valueOf(file.getFileName()));
                if (name.isPresent()) {
                    all.add(new PackageFile(name.get(), file.toAbsolutePath(), Sha256.of(file)));
                }
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", directory);
        }
        if (all.isEmpty()) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            directory + " has no packages to make a build root of.",
                            "Name a directory with packages such as bash-5.3-x86_64-1.txz.")
                    .asException();
        }
        return (series, more, without) -> all.stream()
                .filter(file -> !without.contains(file.name().name()))
                .toList();
    }
}
