package io.slipway.slackbuild.build;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.BuildGraph.Step;
import io.slipway.slackbuild.Declaration;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.build.BuildReport.Outcome;
import io.slipway.slackbuild.build.BuildReport.State;
import io.slipway.slackbuild.root.BuildRoots;
import io.slipway.slackbuild.root.Layer;
import io.slipway.slackbuild.root.PackageFile;
import io.slipway.slackbuild.root.RootRunner;
import io.slipway.slackbuild.source.FetchLimits;
import io.slipway.slackbuild.source.SourceFetcher;
import io.slipway.slackbuild.source.SourceKey;
import io.slipway.slackbuild.source.SourceProgress;
import io.slipway.slackbuild.source.SourceStore;
import io.slipway.slackbuild.source.SourcesLock;
import io.slipway.slackbuild.source.WantedSource;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Builds what of a graph is not there, each in a sandbox of its own after what it needs; what is independent is built side
 * by side. What fails stops only what needs it.
 */
public final class BuildRunner {
    /** For sandboxes that were told to end. */
    private static final long STOP_SECONDS = 60;

    private final Rooms rooms;
    private final Path lockFile;
    private final RootPackages rootPackages;
    private final BuildSettings settings;
    private final BuildProgress progress;
    private final InstantSource clock;
    private final Map<String, Sha256> digests = new ConcurrentHashMap<>();
    /** Held while a fetch step pins what it brought. */
    private final Object pinning = new Object();

    /**
     * What builds work with; the caller holds the state's lock.
     *
     * @param sources those that builds need and that are not here are missing
     */
    public record Rooms(RootRunner sandbox, BuildRoots roots, PackageCache cache, SourceStore sources) {}

    /**
     * @param lockFile {@code sources.lock}
     * @param clock tells when a package was built
     */
    public BuildRunner(
            Rooms rooms,
            Path lockFile,
            RootPackages rootPackages,
            BuildSettings settings,
            BuildProgress progress,
            InstantSource clock) {
        this.rooms = rooms;
        this.lockFile = lockFile;
        this.rootPackages = rootPackages;
        this.settings = settings;
        this.progress = progress;
        this.clock = clock;
    }

    /**
     * What would be done.
     *
     * @throws ProblemException if a SlackBuild or the build root cannot be read
     */
    public static BuildPlan plan(BuildGraph graph, Path lockFile, RootPackages rootPackages, BuildPlan.Shelf shelf) {
        SourcesLock lock = SourcesLock.read(lockFile);
        return BuildPlan.of(graph, step -> inputs(graph, step, lock, rootPackages), shelf);
    }

    private static BuildInputs inputs(BuildGraph graph, Step step, SourcesLock lock, RootPackages rootPackages) {
        return BuildInputs.of(step.slackbuild(), lock, base(graph, step, rootPackages));
    }

    /**
     * The packages of its build root: without those that conflict with it or with what it needs, and without Slackware's of
     * the same names, whose headers and libraries would be found in the place of what is built.
     */
    private static List<PackageFile> base(BuildGraph graph, Step step, RootPackages rootPackages) {
        var names = new HashSet<>(Set.of(step.name()));
        var without = new HashSet<>(Set.of(step.slackbuild().program()));
        graph.closure(step.name()).forEach(needed -> {
            names.add(needed.name());
            without.add(needed.slackbuild().program());
        });
        graph.leftOut().forEach((name, by) -> {
            if (by.stream().anyMatch(names::contains)) {
                without.add(name);
            }
        });
        var more = new LinkedHashSet<>(step.slackware());
        graph.closure(step.name()).forEach(needed -> more.addAll(needed.slackware()));
        return rootPackages.choose(step.series(), more, without);
    }

    /**
     * Builds.
     *
     * @return what came of each package; nothing is thrown for one that fails
     * @throws InterruptedException after everything that ran was ended
     */
    public BuildReport run(BuildGraph graph) throws InterruptedException {
        rooms.cache().removeLeftovers();
        var outcomes = new LinkedHashMap<String, Outcome>();
        var waiting = new ArrayList<>(graph.steps());
        var pool = Executors.newFixedThreadPool(settings.jobs(), task -> {
            var thread = new Thread(task, "package-build");
            thread.setDaemon(true);
            return thread;
        });
        try {
            var completion = new ExecutorCompletionService<Outcome>(pool);
            int running = 0;
            while (running > 0 || !waiting.isEmpty()) {
                // In the graph's order, so that what is skipped skips what needs it in the same pass.
                for (Step step : List.copyOf(waiting)) {
                    List<String> missing = step.after().stream()
                            .filter(name -> isMissing(outcomes.get(name)))
                            .toList();
                    if (!missing.isEmpty()) {
                        waiting.remove(step);
                        end(outcomes, Outcome.skipped(step.name(), missing));
                    } else if (outcomes.keySet().containsAll(step.after())) {
                        waiting.remove(step);
                        var needed = new ArrayList<KeptPackage>();
                        for (Step each : graph.closure(step.name())) {
                            Optional.ofNullable(outcomes.get(each.name()))
                                    .flatMap(Outcome::kept)
                                    .ifPresent(needed::add);
                        }
                        completion.submit(() -> build(graph, step, needed));
                        running++;
                    }
                }
                if (running > 0) {
                    end(outcomes, completion.take().get());
                    running--;
                }
            }
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof InterruptedException) {
                throw new InterruptedException("interrupted while packages were built");
            }
            throw new IllegalStateException("a build ended in a way that was not foreseen", failure.getCause());
        } finally {
            stop(pool);
        }
        return new BuildReport(graph.steps().stream()
                .flatMap(step -> Optional.ofNullable(outcomes.get(step.name())).stream())
                .toList());
    }

    private static boolean isMissing(@Nullable Outcome outcome) {
        return outcome != null && outcome.kept().isEmpty();
    }

    private void end(Map<String, Outcome> outcomes, Outcome outcome) {
        outcomes.put(outcome.name(), outcome);
        progress.ended(outcome);
    }

    private static void stop(ExecutorService pool) {
        boolean interrupted = Thread.interrupted();
        pool.shutdownNow();
        try {
            if (!pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("builds do not end");
            }
        } catch (InterruptedException again) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Outcome build(BuildGraph graph, Step step, List<KeptPackage> needed) throws InterruptedException {
        try {
            return new Work(graph, step, needed).run();
        } catch (ProblemException failure) {
            return Outcome.failed(step.name(), failure.problems());
        }
    }

    /** One package. */
    private final class Work {
        private final Step step;
        private final SlackBuild slackbuild;
        private final List<PackageFile> base;
        private final List<KeptPackage> needed;
        private final SandboxedBuild sandboxed;

        Work(BuildGraph graph, Step step, List<KeptPackage> needed) {
            this.step = step;
            this.slackbuild = step.slackbuild();
            this.base = base(graph, step, rootPackages);
            this.needed = needed;
            this.sandboxed = new SandboxedBuild(
                    rooms.sandbox(),
                    settings.limits(),
                    settings.compilers(),
                    graph.steps().stream().map(Step::name).toList());
        }

        Outcome run() throws InterruptedException {
            BuildDigest digest = digest();
            Optional<KeptPackage> kept = find(digest);
            if (kept.isEmpty() && slackbuild.declarations().contains(Declaration.NETWORK) && isVendorMissing()) {
                fetch();
                digest = digest();
                kept = find(digest);
            }
            digests.put(step.name(), digest.sha256());
            Outcome outcome;
            if (kept.isPresent()) {
                outcome = Outcome.of(State.KEPT, kept.get());
            } else {
                progress.began(step.name(), "is built", reasons(digest));
                outcome = Outcome.of(State.BUILT, build(digest));
            }
            return settings.verify() ? verify(outcome) : outcome;
        }

        private BuildDigest digest() {
            return BuildPlan.digest(step, inputs(), digests);
        }

        private BuildInputs inputs() {
            return BuildInputs.of(slackbuild, SourcesLock.read(lockFile), base);
        }

        private Optional<KeptPackage> find(BuildDigest digest) {
            return digest.unpinned().isEmpty() ? rooms.cache().find(step.name(), digest.sha256()) : Optional.empty();
        }

        private List<String> reasons(BuildDigest digest) {
            return rooms.cache()
                    .findLatest(step.name())
                    .map(latest -> BuildPlan.reasons(latest, inputs(), digest, Set.of()))
                    .orElse(List.of());
        }

        private boolean isVendorMissing() {
            SourceKey key = BuildInputs.vendorKey(slackbuild);
            return SourcesLock.read(lockFile)
                    .pin(key)
                    .flatMap(pin -> rooms.sources().find(key, pin))
                    .isEmpty();
        }

        private List<Layer> layers() throws InterruptedException {
            var layers = new ArrayList<>(List.of(rooms.roots().make(base, List.of())));
            for (KeptPackage kept : needed) {
                layers.add(rooms.roots().make(List.of(kept.toInstall()), layers));
            }
            return layers;
        }

        /** Files by the name that the script expects. */
        private Map<String, Path> sources(boolean withVendor) {
            SourcesLock lock = SourcesLock.read(lockFile);
            var sources = new TreeMap<String, Path>();
            var problems = new ArrayList<Problem>();
            for (SourceKey key : BuildInputs.sourceKeys(slackbuild)) {
                if (key.file().equals(BuildInputs.VENDOR) && !withVendor) {
                    continue;
                }
                try {
                    sources.put(key.file(), rooms.sources().get(key, lock));
                } catch (ProblemException missing) {
                    problems.addAll(missing.problems());
                }
            }
            if (!problems.isEmpty()) {
                throw new ProblemException(problems);
            }
            return sources;
        }

        /** Takes from the network what the build will need, and pins it as one more source. */
        private void fetch() throws InterruptedException {
            Map<String, Path> sources = sources(false);
            progress.began(step.name(), "takes what it needs from the network", List.of());
            List<Layer> layers = layers();
            Path aside = rooms.cache().begin(step.name());
            try {
                Path tar = sandboxed.fetch(
                        slackbuild,
                        sources,
                        layers,
                        aside,
                        settings.proxies(),
                        line -> progress.line(step.name(), line));
                var wanted = new WantedSource(BuildInputs.vendorKey(slackbuild), List.of(tar.toUri()), "");
                synchronized (pinning) {
                    new SourceFetcher(rooms.sources(), lockFile, List.of(), FetchLimits.USUAL, SourceProgress.NONE)
                            .fetch(List.of(wanted))
                            .orFail();
                }
            } finally {
                rooms.cache().discard(step.name(), aside);
            }
        }

        private KeptPackage build(BuildDigest digest) throws InterruptedException {
            Map<String, Path> sources = sources(true);
            List<Layer> layers = layers();
            Path aside = rooms.cache().begin(step.name());
            boolean done = false;
            try {
                var made =
                        sandboxed.build(slackbuild, sources, layers, aside, line -> progress.line(step.name(), line));
                PackageContents contents = contents(made.file());
                var checks = PackageChecks.of(
                        contents, layers.stream().map(Layer::directory).toList());
                if (!checks.errors().isEmpty()) {
                    throw SandboxedBuild.refuse(
                            slackbuild,
                            "What it made is not kept: " + String.join("; ", checks.errors()) + ".",
                            "Mend the script.",
                            made.result());
                }
                KeptPackage kept = rooms.cache().keep(aside, record(digest, made, contents, checks.warnings()));
                done = true;
                return kept;
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "read", aside);
            } finally {
                if (!done) {
                    rooms.cache().discard(step.name(), aside);
                }
            }
        }

        private PackageContents contents(Path file) {
            return PackageContents.read(
                    file, List.of(BuildEnvironment.TMP, BuildEnvironment.directory(slackbuild.name()) + "/"));
        }

        private PackageRecord record(
                BuildDigest digest, SandboxedBuild.Made made, PackageContents contents, List<String> warnings)
                throws IOException {
            SourcesLock lock = SourcesLock.read(lockFile);
            var sources = new ArrayList<PackageRecord.Source>();
            for (WantedSource source : BuildSources.of(List.of(slackbuild))) {
                lock.pin(source.key())
                        .ifPresent(pin -> sources.add(new PackageRecord.Source(
                                source.key().file(), source.addresses().get(0).toString(), pin.sha256())));
            }
            lock.pin(BuildInputs.vendorKey(slackbuild))
                    .filter(pin -> slackbuild.declarations().contains(Declaration.NETWORK))
                    .ifPresent(pin -> sources.add(new PackageRecord.Source(BuildInputs.VENDOR, "", pin.sha256())));
            return new PackageRecord(
                    step.name(),
                    made.name(),
                    Files.size(made.file()),
                    contents.installed(),
                    Sha256.of(made.file()),
                    digest,
                    base.stream().map(PackageFile::name).toList(),
                    sources,
                    LicenceText.find(contents.licences()),
                    warnings,
                    clock.instant(),
                    made.result().duration(),
                    made.result().peakMemory());
        }

        /** Once more, and compared. */
        private Outcome verify(Outcome outcome) throws InterruptedException {
            KeptPackage kept = outcome.kept().orElseThrow();
            progress.began(step.name(), "is built a second time", List.of());
            Path aside = rooms.cache().begin(step.name());
            try {
                var made = sandboxed.build(
                        slackbuild, sources(true), layers(), aside, line -> progress.line(step.name(), line));
                if (Sha256.of(made.file()).equals(kept.record().sha256())) {
                    return outcome.verified(List.of());
                }
                List<String> differences = contents(kept.file()).differences(contents(made.file()));
                return outcome.verified(
                        differences.isEmpty()
                                ? List.of("the archive itself: the same files, packed in another way")
                                : differences);
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "read", aside);
            } catch (ProblemException failure) {
                return outcome.unverified(List.of(Problem.of(
                                ProblemKind.INVALID_INPUT,
                                step.name() + " could be built once and not a second time.",
                                "See what differs between the two runs.")
                        .because(failure.problems().get(0).cause())
                        .withDetails(failure.problems().get(0).details())));
            } finally {
                rooms.cache().discard(step.name(), aside);
            }
        }
    }
}
