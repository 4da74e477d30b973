package io.slipway.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.LocalCommandRunner;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.build.BuildSources;
import io.slipway.slackbuild.build.RootPackages;
import io.slipway.slackbuild.root.Sandbox;
import io.slipway.slackbuild.source.FetchLimits;
import io.slipway.slackbuild.source.SourceFetcher;
import io.slipway.slackbuild.source.SourceProgress;
import io.slipway.slackbuild.source.SourceStore;
import io.slipway.slackbuild.source.SourcesLock;
import io.slipway.store.ContentStore;
import io.slipway.store.StateDirectory;
import io.slipway.store.StateLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * {@code slipway packages build} from nothing, again with nothing changed, and after one patch changed; and what its
 * sandbox costs.
 */
public final class PackagesBench {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** For a stack on a slow machine. */
    private static final Duration LONGEST = Duration.ofHours(24);

    private final Asked asked;
    private final Sources sources;
    private final Inside inside;
    private final Consumer<String> progress;
    private final Path state;
    private final Path lockFile;
    private final MeasuredProcess processes;
    private final OneChange change;
    private final Path copies;

    /**
     * What is measured.
     *
     * @param launcher this program, as a person starts it
     * @param names stacks or SlackBuilds
     * @param graph theirs
     * @param options of {@code packages build} that say what SlackBuilds and build roots are made of
     * @param single the graph that has {@code overhead}
     * @param overhead the SlackBuild that is built in turn in the sandbox and by hand
     * @param rounds how often what is short is repeated
     */
    public record Asked(
            Path launcher,
            List<String> names,
            BuildGraph graph,
            List<String> options,
            BuildGraph single,
            String overhead,
            int rounds) {
        public Asked {
            names = List.copyOf(names);
            options = List.copyOf(options);
        }
    }

    /**
     * What builds are made of.
     *
     * @param state the user's state directory, whose snapshots and sources are taken; it is not changed
     * @param lockFile {@code sources.lock}; a copy of it is used
     * @param places where sources are looked for before their own addresses
     * @param packages of build roots
     */
    public record Sources(Path state, Path lockFile, List<String> places, RootPackages packages) {
        public Sources {
            places = List.copyOf(places);
        }
    }

    /** This program's own commands, in this process. */
    @FunctionalInterface
    public interface Inside {
        /** Runs one, and returns its exit status. */
        int run(List<String> arguments);
    }

    private PackagesBench(Path directory, Asked asked, Sources sources, Inside inside, Consumer<String> progress)
            throws IOException {
        this.asked = asked;
        this.sources = sources;
        this.inside = inside;
        this.progress = progress;
        this.state = StateDirectory.create(directory.resolve("state"));
        this.lockFile = directory.resolve(SourcesLock.FILE);
        this.processes = new MeasuredProcess(directory.resolve("log"), LONGEST, "Look at what it says.");
        this.change = OneChange.choose(slackbuilds(asked.graph()));
        this.copies = Files.createDirectory(directory.resolve("slackbuilds"));
    }

    /**
     * Runs it. Needs root.
     *
     * @param directory an empty directory; nothing of what is in it is in use at the end, whatever happens
     * @param progress takes a line now and then
     * @throws io.slipway.problem.ProblemException if a source cannot be had or a build fails
     */
    public static PackagesFigures run(
            Path directory, Asked asked, Sources sources, Inside inside, Consumer<String> progress)
            throws IOException, InterruptedException {
        var bench = new PackagesBench(directory, asked, sources, inside, progress);
        try {
            return bench.run();
        } finally {
            // Of builds that were killed, such as by Ctrl-C: it must be waited for before the directory is removed.
            Thread.interrupted();
            new Sandbox(bench.state, new LocalCommandRunner()).removeLeftovers();
        }
    }

    private PackagesFigures run() throws IOException, InterruptedException {
        prepare();
        Path copy = change.copy(copies);
        PackagesFigures.Step cold = step("Everything from nothing.");
        var again = new ArrayList<PackagesFigures.Step>();
        var starts = new ArrayList<Double>();
        var insides = new ArrayList<Double>();
        for (int round = 0; round < asked.rounds(); round++) {
            again.add(step("Again."));
            starts.add(processes
                    .run(List.of(asked.launcher().toString(), "--version"), Path.of(""))
                    .seconds());
            insides.add(inside());
        }
        change.apply(copy);
        String changed = change.file() + " of " + change.slackbuild().name();
        PackagesFigures.Step after = step("Again, with another " + changed + ".");
        var overhead = new SandboxOverhead(
                        state, lockFile, asked.single(), asked.overhead(), sources.packages(), processes)
                .measure(asked.rounds(), progress);
        return new PackagesFigures(
                asked.names(),
                cold,
                median(again),
                PackagesFigures.median(starts),
                PackagesFigures.median(insides),
                after,
                changed,
                overhead);
    }

    /** A state directory with the user's snapshots and all sources, so that no network is measured. */
    private void prepare() throws IOException, InterruptedException {
        Path snapshots = sources.state().resolve("snapshots");
        if (Files.isDirectory(snapshots)) {
            Files.createSymbolicLink(state.resolve("snapshots"), snapshots);
        }
        if (Files.exists(sources.lockFile())) {
            Files.copy(sources.lockFile(), lockFile);
        }
        var places = new ArrayList<>(List.of(sources.state().resolve("sources").toString()));
        places.addAll(sources.places());
        var wanted = new LinkedHashSet<>(slackbuilds(asked.graph()));
        wanted.addAll(slackbuilds(asked.single()));
        progress.accept("Sources.");
        try (var lock = StateLock.acquire(state, "build", "slipway bench packages")) {
            var content = new ContentStore(state.resolve("store"));
            content.recover(lock);
            new SourceFetcher(new SourceStore(state, content), lockFile, places, FetchLimits.USUAL, SourceProgress.NONE)
                    .fetch(BuildSources.of(wanted))
                    .orFail();
        }
    }

    private static List<SlackBuild> slackbuilds(BuildGraph graph) {
        return graph.steps().stream().map(BuildGraph.Step::slackbuild).toList();
    }

    /** The command line of {@code packages build}, without the program. */
    private List<String> command() {
        var words = new ArrayList<>(List.of("packages", "build", "--json", "--no-fetch"));
        words.addAll(asked.options());
        // The copy is used from the beginning, so that nothing but the change is a change; it comes last and wins.
        words.addAll(List.of(
                "--slackbuilds", copies.resolve(change.slackbuild().name()).toString()));
        words.addAll(List.of("--state", state.toString(), "--lock", lockFile.toString()));
        words.addAll(asked.names());
        return words;
    }

    private PackagesFigures.Step step(String what) throws IOException, InterruptedException {
        progress.accept(what);
        var words = new ArrayList<>(List.of(asked.launcher().toString()));
        words.addAll(command());
        processes.settle();
        MeasuredProcess.Run run = processes.run(words, Path.of(""));
        var built = new ArrayList<String>();
        OptionalLong bytes = OptionalLong.empty();
        for (String line :
                run.output().lines().filter(each -> each.startsWith("{")).toList()) {
            JsonNode node = JSON.readTree(line);
            if (node.path("state").asText().equals("built")) {
                built.add(node.path("name").asText());
                if (node.has("peakMemory")) {
                    bytes = OptionalLong.of(
                            Math.max(bytes.orElse(0), node.get("peakMemory").asLong()));
                }
            }
        }
        return new PackagesFigures.Step(run.seconds(), run.peakKib(), bytes, built);
    }

    private double inside() {
        long begin = System.nanoTime();
        int status = inside.run(command());
        if (status != 0) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "packages build ended with status " + status + " when nothing had changed.",
                            "Run it by itself to see what it says.")
                    .asException();
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private static PackagesFigures.Step median(List<PackagesFigures.Step> steps) {
        var built = new LinkedHashSet<String>();
        steps.forEach(step -> built.addAll(step.built()));
        return new PackagesFigures.Step(
                PackagesFigures.median(
                        steps.stream().map(PackagesFigures.Step::seconds).toList()),
                steps.stream().mapToLong(PackagesFigures.Step::peakKib).max().orElse(0),
                OptionalLong.empty(),
                List.copyOf(built));
    }
}
