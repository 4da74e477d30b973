package io.slipway.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the commands about SlackBuilds. */
@Command(
        name = "packages",
        mixinStandardHelpOptions = true,
        description = "Compile SlackBuilds, and look at them: their order, their rules, their sources.",
        footer = {"", "Example: slipway packages build ovn incus"},
        subcommands = {
            PackagesBuildCommand.class,
            PackagesGraphCommand.class,
            PackagesLintCommand.class,
            PackagesListCommand.class,
            PackagesPruneCommand.class,
            PackagesShowCommand.class,
            PackagesSourcesCommand.class,
            PackagesWhyCommand.class
        })
final class PackagesCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command.");
    }
}
