package io.slipway.cli;

import io.slipway.bench.PackagesBench;
import io.slipway.bench.PackagesFigures;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.build.RootPackages;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code slipway bench packages}. */
@Command(
        name = "packages",
        mixinStandardHelpOptions = true,
        description = {
            "Compiles packages from nothing, again with nothing changed, and after one patch changed; then one package in"
                    + " turn in the sandbox and by hand. Needs root, and the time of all that.",
            "Works in a directory of its own; --state is only where snapshots and sources are taken from."
        },
        footer = {
            "",
            "Example: slipway bench packages",
            "         slipway bench packages --snapshot 2026-11-01 --rounds 5 --in /var/tmp ovn",
            "         slipway bench packages --root ~/root --from ~/sources --set raft=0.22.1 raft"
        })
final class BenchPackagesCommand implements Callable<Integer> {
    private static final List<String> USUAL = List.of("ovn");
    /** What {@code packages build} is to be told, too; the rest is the same for both by itself. */
    private static final Set<String> PASSED_ON = Set.of("--slackbuilds", "--file", "--set", "--root", "--snapshot");

    @Parameters(paramLabel = "NAME", description = "Stacks or single SlackBuilds (default: ovn).")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--overhead",
            paramLabel = "NAME",
            defaultValue = "raft",
            description = "The SlackBuild that is built in the sandbox and by hand (default: ${DEFAULT-VALUE}).")
    private String overhead = "raft";

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "How often what is short is repeated, of which medians are taken (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--in",
            paramLabel = "DIR",
            description = "Measure on this disk (default: where temporary files are).")
    private @Nullable Path place;

    @Mixin
    private SlackBuildOptions slackbuilds = new SlackBuildOptions();

    @Mixin
    private SourceOptions sources = new SourceOptions();

    @Mixin
    private BuildRootOptions roots = new BuildRootOptions();

    @Mixin
    private StateOption state = new StateOption();

    @Mixin
    private Output output = new Output();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (rounds < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds: write a number from 1 on.");
        }
        Catalogue catalogue = slackbuilds.catalogue();
        List<String> wanted = names.isEmpty() ? USUAL : names;
        BuildGraph graph = BuildGraph.of(catalogue, wanted);
        BuildGraph single = BuildGraph.of(catalogue, List.of(overhead));
        if (single.steps().stream().noneMatch(step -> step.name().equals(overhead))) {
            throw Problem.of(
                            ProblemKind.INVALID_INPUT,
                            "--overhead " + overhead + " is no SlackBuild but a stack.",
                            "Name one SlackBuild, such as raft.")
                    .asException();
        }
        RootPackages packages = roots.packages(state.directory(), slackbuilds.snapshot());
        if (!"root".equals(System.getProperty("user.name"))) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "Packages are compiled in sandboxes, which only root can make.",
                            "Run the same command as root.")
                    .asException();
        }
        var asked = new PackagesBench.Asked(
                Installation.root().resolve("slipway"), wanted, graph, passedOn(), single, overhead, rounds);
        var made =
                new PackagesBench.Sources(state.directory(), sources.lockFile(), sources.places(slackbuilds), packages);
        return BenchCommand.in(place, directory -> {
            PackagesFigures figures =
                    PackagesBench.run(directory, asked, made, BenchPackagesCommand::inside, this::say);
            output.print(output.isJson() ? figures.json() : figures.text());
        });
    }

    private List<String> passedOn() {
        var words = new ArrayList<String>();
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (PASSED_ON.contains(option.longestName())) {
                option.originalStringValues().forEach(value -> words.addAll(List.of(option.longestName(), value)));
            }
        }
        return words;
    }

    private static int inside(List<String> arguments) {
        var nowhere = new PrintWriter(Writer.nullWriter());
        return Main.commandLine().setOut(nowhere).setErr(nowhere).execute(arguments.toArray(String[]::new));
    }

    private void say(String line) {
        output.err().println(line);
        output.err().flush();
    }
}
