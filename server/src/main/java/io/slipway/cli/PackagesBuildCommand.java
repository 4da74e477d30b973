package io.slipway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.LocalCommandRunner;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.build.BuildPlan;
import io.slipway.slackbuild.build.BuildProgress;
import io.slipway.slackbuild.build.BuildReport;
import io.slipway.slackbuild.build.BuildReport.Outcome;
import io.slipway.slackbuild.build.BuildReport.State;
import io.slipway.slackbuild.build.BuildRunner;
import io.slipway.slackbuild.build.BuildSettings;
import io.slipway.slackbuild.build.BuildSources;
import io.slipway.slackbuild.build.KeptPackage;
import io.slipway.slackbuild.build.PackageCache;
import io.slipway.slackbuild.build.PackageRecord;
import io.slipway.slackbuild.build.RootPackages;
import io.slipway.slackbuild.root.BuildRoots;
import io.slipway.slackbuild.root.Sandbox;
import io.slipway.slackbuild.root.SandboxLimits;
import io.slipway.slackbuild.source.FetchLimits;
import io.slipway.slackbuild.source.SourceFetcher;
import io.slipway.slackbuild.source.SourceKey;
import io.slipway.slackbuild.source.SourceProgress;
import io.slipway.slackbuild.source.SourceStore;
import io.slipway.slackbuild.source.WantedSource;
import io.slipway.store.StateLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code slipway packages build}. */
@Command(
        name = "build",
        mixinStandardHelpOptions = true,
        description = {
            "Compile what is not there yet, each package in a clean root that has what it requires and no network.",
            "What fails stops only what needs it. JSON is one package a line."
        },
        footer = {
            "",
            "Example: slipway packages build ovn",
            "         slipway packages build --dry-run --snapshot 2026-11-01 raft",
            "         slipway packages build --verify numactl"
        })
final class PackagesBuildCommand implements Callable<Integer> {
    private static final List<String> PROXIES = List.of(
            "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY");

    @Parameters(
            paramLabel = "NAME",
            description = "Stacks or single SlackBuilds (default: the stacks of -f FILE, otherwise all stacks).")
    private List<String> names = new ArrayList<>();

    @Option(names = "--stack", paramLabel = "STACK", description = "A stack; may be repeated.")
    private List<String> stacks = new ArrayList<>();

    @Mixin
    private SlackBuildOptions slackbuilds = new SlackBuildOptions();

    @Mixin
    private SourceOptions sources = new SourceOptions();

    @Mixin
    private BuildRootOptions roots = new BuildRootOptions();

    @Mixin
    private StateOption state = new StateOption();

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Builds side by side (default: packages.jobs of -f FILE, otherwise 1).")
    private @Nullable Integer jobs;

    @Option(
            names = "--time-limit",
            paramLabel = "MINUTES",
            description = "For one build; after that it is stopped (default: ${DEFAULT-VALUE}).",
            defaultValue = "240")
    private int minutes = 240;

    @Option(names = "--follow", description = "Show what builds say.")
    private boolean follow;

    @Option(names = "--verify", description = "Build everything a second time and say which files differ.")
    private boolean verify;

    @Option(names = "--dry-run", description = "Say what would be built, and why.")
    private boolean dry;

    @Option(names = "--no-fetch", description = "Do not look for sources that are not here.")
    private boolean noFetch;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        requirePositive("--jobs", jobs);
        requirePositive("--time-limit", minutes);
        Path directory = state.directory();
        Catalogue catalogue = slackbuilds.catalogue();
        var asked = new ArrayList<>(names);
        asked.addAll(stacks);
        var partial = BuildGraph.partial(catalogue, slackbuilds.wanted(asked));
        BuildGraph graph = partial.graph();
        RootPackages packages = roots.packages(directory, slackbuilds.snapshot());
        var cache = new PackageCache(directory);
        BuildPlan plan = BuildRunner.plan(graph, sources.lockFile(), packages, cache);
        if (dry) {
            show(plan);
            return sayUnusable(partial);
        }
        if (plan.toBuild().isEmpty() && !verify) {
            plan.items().forEach(item -> item.kept().ifPresent(kept -> ended(kept, State.KEPT, List.of())));
            int status = sayUnusable(partial);
            summary(plan.items().size() + " packages are there; nothing was to be built.");
            return status;
        }
        requireRoot();
        // Closed last: the program ends when everything below is.
        try (var stop = new StopOnSignal()) {
            return locked(partial, plan, packages, cache, stop);
        } catch (InterruptedException signal) {
            say("Interrupted: what ran was ended, what had been built before is kept.");
            return StopOnSignal.EXIT_STATUS;
        }
    }

    private static void requirePositive(String option, @Nullable Integer value) {
        if (value != null && value < 1) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT, option + " " + value + " is not possible.", "Give it 1 or more.")
                    .asException();
        }
    }

    /** Said before an hour of downloads rather than by the first sandbox. */
    private static void requireRoot() {
        if (!System.getProperty("user.name").equals("root")) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "Only root can build packages: each build gets namespaces, mounts and files of root's.",
                            "Run the same command as root. --dry-run, why and show need no root.")
                    .asException();
        }
    }

    private int locked(
            BuildGraph.Partial partial, BuildPlan plan, RootPackages packages, PackageCache cache, StopOnSignal stop)
            throws InterruptedException {
        Path directory = state.directory();
        try (var lock = StateLock.acquire(directory, "build", "slipway packages build")) {
            var content = SourceOptions.content(directory);
            content.recover(lock);
            var store = new SourceStore(directory, content);
            Map<String, Problem> fetching = noFetch ? Map.of() : fetch(plan, store);
            BuildReport report = build(partial.graph(), packages, cache, store);
            stop.ended();
            return end(report, partial, cache, fetching);
        }
    }

    private void show(BuildPlan plan) {
        if (!output.isJson()) {
            output.print(BuildPlanText.table(plan));
            return;
        }
        for (BuildPlan.Item item : plan.items()) {
            ObjectNode node = Json.object()
                    .put("name", item.name())
                    .put("version", item.step().slackbuild().version())
                    .put("digest", item.digest().sha256().hex())
                    .put("state", item.kept().isPresent() ? "kept" : "build");
            item.reasons().forEach(node.putArray("reasons")::add);
            output.out().println(node);
        }
        output.out().flush();
    }

    /** Brings what the builds will need; those whose sources cannot be had say so when it is their turn. */
    private Map<String, Problem> fetch(BuildPlan plan, SourceStore store) throws InterruptedException {
        List<WantedSource> wanted = BuildSources.of((verify ? plan.items() : plan.toBuild())
                .stream().map(item -> item.step().slackbuild()).toList());
        var lines = new ProgressLines(output.err());
        var progress = new SourceProgress() {
            @Override
            public void at(long done, long total) {
                lines.at("Fetching sources", done, total);
            }

            @Override
            public void obtained(SourceKey key, String place, long size) {
                say(key + " is here, from " + place + ".");
            }
        };
        var problems = new TreeMap<String, Problem>();
        new SourceFetcher(store, sources.lockFile(), sources.places(slackbuilds), FetchLimits.USUAL, progress)
                .fetch(wanted)
                .problems()
                .forEach((key, problem) -> problems.putIfAbsent(key.name(), problem));
        return problems;
    }

    private BuildReport build(BuildGraph graph, RootPackages packages, PackageCache cache, SourceStore store)
            throws InterruptedException {
        var runner = new LocalCommandRunner();
        var sandbox = new Sandbox(state.directory(), runner);
        var made = new BuildRoots(state.directory(), sandbox, runner, what -> say("Build root: " + what));
        SandboxLimits limits = SandboxLimits.usual().withTime(Duration.ofMinutes(minutes));
        Integer given = jobs;
        int side = given != null ? given : slackbuilds.jobs();
        var settings = new BuildSettings(side, limits, verify, proxies());
        return new BuildRunner(
                        new BuildRunner.Rooms(sandbox, made, cache, store),
                        sources.lockFile(),
                        packages,
                        settings,
                        new Progress(),
                        InstantSource.system())
                .run(graph);
    }

    private static Map<String, String> proxies() {
        var found = new TreeMap<String, String>();
        PROXIES.forEach(name -> {
            String value = System.getenv(name);
            if (value != null && !value.isEmpty()) {
                found.put(name, value);
            }
        });
        return found;
    }

    /** Says what cannot be tried at all; the exit status of that, or 0. */
    private int sayUnusable(BuildGraph.Partial partial) {
        partial.problems().forEach(problem -> output.err().println(problem.text()));
        partial.stopped().forEach(this::sayStopped);
        output.err().flush();
        return partial.problems().stream()
                .findFirst()
                .map(problem -> problem.kind().exitStatus())
                .orElse(0);
    }

    private void sayStopped(String name, List<String> missing) {
        output.err().println(name + " was not built: it needs " + String.join(", ", missing) + ".");
    }

    private int end(BuildReport report, BuildGraph.Partial partial, PackageCache cache, Map<String, Problem> fetching) {
        int unusable = sayUnusable(partial);
        List<Outcome> failed = report.list(State.FAILED);
        List<Outcome> skipped = report.list(State.SKIPPED);
        for (Outcome outcome : failed) {
            Problem fetch = fetching.get(outcome.name());
            if (fetch != null) {
                output.err().println(fetch.text());
            } else {
                outcome.problems().forEach(problem -> output.err().println(problem.text()));
                Path log = cache.failedLog(outcome.name());
                if (Files.exists(log)) {
                    output.err().println("  All that it said is in " + log + ".");
                }
            }
        }
        report.outcomes().stream()
                .filter(outcome -> outcome.state() != State.FAILED)
                .forEach(outcome ->
                        outcome.problems().forEach(problem -> output.err().println(problem.text())));
        skipped.forEach(outcome -> sayStopped(outcome.name(), outcome.missing()));
        output.err().flush();
        int differing = (int) report.outcomes().stream()
                .filter(outcome -> !outcome.differences().orElse(List.of()).isEmpty())
                .count();
        summary(String.format(
                Locale.ROOT,
                "%d built, %d were there, %d failed, %d not tried.%s",
                report.list(State.BUILT).size(),
                report.list(State.KEPT).size(),
                failed.size() + partial.faults().size(),
                skipped.size() + partial.stopped().size(),
                verify ? " " + differing + " came out differently the second time." : ""));
        if (!report.problems().isEmpty()) {
            Problem first = report.problems().get(0);
            return first.kind().exitStatus();
        }
        if (unusable != 0) {
            return unusable;
        }
        return differing > 0 ? ProblemKind.UNTRUSTED.exitStatus() : 0;
    }

    private void summary(String text) {
        if (!output.isJson()) {
            output.print(text + "\n");
        }
    }

    private synchronized void say(String text) {
        output.err().println(text);
        output.err().flush();
    }

    private synchronized void ended(KeptPackage kept, State outcome, List<String> differences) {
        PackageRecord record = kept.record();
        if (output.isJson()) {
            ObjectNode node = Json.object()
                    .put("name", record.name())
                    .put("state", outcome.name().toLowerCase(Locale.ROOT))
                    .put("package", kept.file().toString())
                    .put("sha256", record.sha256().hex())
                    .put("bytes", record.size())
                    .put("digest", record.digest().sha256().hex())
                    .put("seconds", record.duration().toMillis() / 1000.0);
            record.peakMemory().ifPresent(bytes -> node.put("peakMemory", bytes));
            record.warnings().forEach(node.withArray("warnings")::add);
            if (verify) {
                differences.forEach(node.putArray("differences")::add);
            }
            output.out().println(node);
        } else if (outcome == State.BUILT) {
            output.out()
                    .printf(
                            Locale.ROOT,
                            "%s: %s, in %s%n",
                            record.file().fileName(),
                            BuildPlanText.size(kept),
                            BuildPlanText.shown(record.duration()));
            record.warnings().forEach(warning -> output.out().println("  warning: " + warning));
        }
        if (!output.isJson() && verify) {
            output.out()
                    .println(
                            differences.isEmpty()
                                    ? record.file().fileName() + ": the same bytes the second time"
                                    : record.file().fileName() + " differs the second time:");
            differences.forEach(each -> output.out().println("  " + each));
        }
        output.out().flush();
    }

    /** Says what begins and what is there. */
    private final class Progress implements BuildProgress {
        @Override
        public void began(String name, String what, List<String> reasons) {
            String text = name + " " + what + (reasons.isEmpty() ? "" : ": " + String.join(", ", reasons)) + ".";
            if (output.isJson()) {
                say(text);
            } else {
                summary(text + "\n");
            }
        }

        @Override
        public void line(String name, String text) {
            if (follow) {
                say(name + ": " + text);
            }
        }

        @Override
        public void ended(Outcome outcome) {
            outcome.kept()
                    .ifPresentOrElse(
                            kept -> PackagesBuildCommand.this.ended(
                                    kept, outcome.state(), outcome.differences().orElse(List.of())),
                            () -> say(outcome.name()
                                    + (outcome.state() == State.FAILED ? " failed." : " is not tried.")));
        }
    }
}
