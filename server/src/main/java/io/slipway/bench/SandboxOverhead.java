package io.slipway.bench;

import io.slipway.problem.ProblemException;
import io.slipway.process.LocalCommandRunner;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.build.BuildProgress;
import io.slipway.slackbuild.build.BuildReport;
import io.slipway.slackbuild.build.BuildRunner;
import io.slipway.slackbuild.build.BuildSettings;
import io.slipway.slackbuild.build.KeptPackage;
import io.slipway.slackbuild.build.PackageCache;
import io.slipway.slackbuild.build.RootPackages;
import io.slipway.slackbuild.root.BareRoot;
import io.slipway.slackbuild.root.BuildRoots;
import io.slipway.slackbuild.root.RootRunner;
import io.slipway.slackbuild.root.Sandbox;
import io.slipway.slackbuild.root.SandboxLimits;
import io.slipway.slackbuild.root.SandboxRequest;
import io.slipway.slackbuild.root.SandboxResult;
import io.slipway.slackbuild.source.SourceStore;
import io.slipway.store.AtomicFiles;
import io.slipway.store.ContentStore;
import io.slipway.store.Sha256;
import io.slipway.store.StateLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Builds one package again and again, in turn in a sandbox and in the same root by hand: the same layers, script, sources,
 * environment and command, and nothing around them.
 */
final class SandboxOverhead {
    private final Path state;
    private final Path lockFile;
    private final BuildGraph graph;
    private final String name;
    private final RootPackages packages;
    private final LocalCommandRunner runner = new LocalCommandRunner();
    private final Sandbox sandbox;
    private final PackageCache cache;
    private final ContentStore content;
    private final MeasuredProcess processes;
    private Duration took = Duration.ZERO;

    /**
     * @param state a state directory with the sources
     * @param graph that has {@code name} and all that it needs
     * @param processes lets the disk come to rest in between
     */
    SandboxOverhead(
            Path state,
            Path lockFile,
            BuildGraph graph,
            String name,
            RootPackages packages,
            MeasuredProcess processes) {
        this.state = state;
        this.lockFile = lockFile;
        this.graph = graph;
        this.name = name;
        this.packages = packages;
        this.sandbox = new Sandbox(state, runner);
        this.cache = new PackageCache(state);
        this.content = new ContentStore(state.resolve("store"));
        this.processes = processes;
    }

    /**
     * @param rounds pairs; at least one
     * @param progress takes a line for each
     * @throws ProblemException if a build fails
     */
    PackagesFigures.Overhead measure(int rounds, Consumer<String> progress) throws IOException, InterruptedException {
        RootRunner byHand = new BareRoot(Files.createDirectory(state.resolve("by-hand")));
        var pairs = new ArrayList<PackagesFigures.Pair>();
        var made = new HashSet<Sha256>();
        try (var lock = StateLock.acquire(state, "build", "slipway bench packages")) {
            content.recover(lock);
            progress.accept(name + " in its root for the first time, not counted.");
            made.add(build(sandbox));
            for (int round = 1; round <= rounds; round++) {
                made.add(build(this::withEverything));
                double ours = seconds();
                made.add(build((request, log, output, line) -> {
                    var result = byHand.run(request, log, output, line);
                    took = result.duration();
                    return result;
                }));
                pairs.add(new PackagesFigures.Pair(ours, seconds()));
                progress.accept(String.format(
                        Locale.ROOT,
                        "%s, pair %d: in the sandbox %.2f s, by hand %.2f s",
                        name,
                        round,
                        ours,
                        seconds()));
            }
        }
        return new PackagesFigures.Overhead(name, pairs, made.size() == 1);
    }

    private double seconds() {
        return took.toNanos() / 1e9;
    }

    /** Making the sandbox with its disk, and removing it, is what it costs, too. */
    private SandboxResult withEverything(SandboxRequest request, Path log, Path output, Consumer<String> line)
            throws InterruptedException {
        long begin = System.nanoTime();
        var result = sandbox.run(request, log, output, line);
        took = Duration.ofNanos(System.nanoTime() - begin);
        return result;
    }

    /** Builds it anew, and what it needs if that is not there; the last that is built is it. */
    private Sha256 build(RootRunner how) throws IOException, InterruptedException {
        for (KeptPackage kept : cache.list(name)) {
            AtomicFiles.removeTree(kept.directory());
        }
        processes.settle();
        var rooms = new BuildRunner.Rooms(
                how, new BuildRoots(state, sandbox, runner, what -> {}), cache, new SourceStore(state, content));
        var settings = new BuildSettings(1, SandboxLimits.usual(), false, Map.of());
        BuildReport report = new BuildRunner(
                        rooms, lockFile, packages, settings, BuildProgress.NONE, InstantSource.system())
                .run(graph);
        if (!report.problems().isEmpty()) {
            throw new ProblemException(report.problems());
        }
        return report.outcomes().stream()
                .filter(outcome -> outcome.name().equals(name))
                .map(BuildReport.Outcome::kept)
                .flatMap(Optional::stream)
                .map(kept -> kept.record().sha256())
                .findFirst()
                .orElseThrow();
    }
}
