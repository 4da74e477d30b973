package io.slipway.cli;

import io.slipway.lab.Tools;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.LocalCommandRunner;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code slipway doctor}. */
@picocli.CommandLine.Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Lists the programs that Slipway needs and installs those that are missing.",
        footer = {"", "Example: slipway doctor --fix"})
final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--fix", description = "Install what is missing (Debian: with apt-get, as root).")
    private boolean fix;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        for (Tools tool : Tools.all()) {
            out.printf(
                    "%-8s %-40s %s (Debian: %s, Slackware: %s)%n",
                    tool.isHere() ? "ok" : "missing", tool.name(), tool.purpose(), tool.debian(), tool.slackware());
        }
        out.flush();
        List<Tools> missing = Tools.missing(true);
        if (missing.isEmpty()) {
            return 0;
        }
        List<String> packages = Tools.debianPackages(missing);
        boolean debian = Files.isExecutable(Path.of("/usr/bin/apt-get"));
        if (!fix || !debian) {
            String slackware = String.join(
                    " ", missing.stream().map(Tools::slackware).distinct().toList());
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            missing.size() + " of the programs are missing.",
                            debian
                                    ? "Run \"slipway doctor --fix\", or: apt-get install " + String.join(" ", packages)
                                    : "Install the packages or SlackBuilds: " + slackware)
                    .asException();
        }
        install(missing, line -> {
            out.println(line);
            out.flush();
        });
        return 0;
    }

    /**
     * Installs what is missing with apt-get.
     *
     * @throws io.slipway.problem.ProblemException if that does not work, as on anything but Debian
     */
    static void install(List<Tools> missing, Consumer<String> say) throws InterruptedException {
        List<String> packages = Tools.debianPackages(missing);
        if (packages.isEmpty()) {
            return;
        }
        var runner = new LocalCommandRunner();
        // On a new machine there are no lists yet; where they cannot be had, what is cached may do.
        runner.run(aptGet(List.of("update")), say);
        var arguments = new ArrayList<>(List.of("-y", "--no-install-recommends", "install"));
        arguments.addAll(packages);
        runner.run(aptGet(arguments), say)
                .orFail(
                        ProblemKind.ENVIRONMENT,
                        "apt-get could not install " + String.join(" ", packages),
                        "Run \"apt-get update\" as root and try again; elsewhere than on Debian install them by hand.");
    }

    private static Command aptGet(List<String> arguments) {
        var command = new ArrayList<>(List.of("apt-get", "-q"));
        command.addAll(arguments);
        return Command.of(Duration.ofMinutes(15), command).withEnvironment("DEBIAN_FRONTEND", "noninteractive");
    }
}
