package io.slipway.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the commands about snapshots. */
@Command(
        name = "mirror",
        mixinStandardHelpOptions = true,
        description = "Take and list verified snapshots of Slackware.",
        footer = {"", "Example: slipway mirror sync -f cluster.yaml"},
        subcommands = {MirrorSyncCommand.class, MirrorListCommand.class})
final class MirrorCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command.");
    }
}
