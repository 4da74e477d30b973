package io.slipway.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the commands about SlackBuilds. */
@Command(
        name = "packages",
        mixinStandardHelpOptions = true,
        description = "Look at SlackBuilds: their order, their rules.",
        footer = {"", "Example: slipway packages graph ovn incus"},
        subcommands = {PackagesGraphCommand.class, PackagesLintCommand.class, PackagesListCommand.class})
final class PackagesCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command.");
    }
}
