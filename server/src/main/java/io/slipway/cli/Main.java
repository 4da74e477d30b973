package io.slipway.cli;

import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code slipway}. */
@Command(
        name = "slipway",
        mixinStandardHelpOptions = true,
        version = "slipway 0.1.0",
        description = "From bare machines to a running cluster.",
        footer = {"", "Example: slipway lab up"},
        subcommands = {
            BenchCommand.class,
            CheckCommand.class,
            FormCommand.class,
            ImageCommand.class,
            InitCommand.class,
            MirrorCommand.class,
            NodeCommand.class,
            PackagesCommand.class,
            RenderCommand.class,
            SchemaCommand.class,
            ServeCommand.class,
            StatusCommand.class,
            VerifyCommand.class,
            DoctorCommand.class,
            LabCommand.class
        })
public final class Main implements Runnable {
    /** They log nothing, and are waited for: preparing for it takes as long as the rest of their start. */
    private static final Set<String> QUIET = Set.of("--help", "--version", "node", "packages", "schema", "status");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] args) {
        if (args.length > 0 && !QUIET.contains(args[0])) {
            // Two threads that log for the first time at once would be told off on the screen.
            org.slf4j.LoggerFactory.getILoggerFactory();
        }
        System.exit(commandLine().execute(args));
    }

    /** The command tree, as tests call it. */
    static CommandLine commandLine() {
        var line = new CommandLine(new Main());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // What follows is another program's command line, with options of its own.
        line.getSubcommands().values().stream()
                .flatMap(command -> command.getSubcommands().values().stream())
                .filter(command -> List.of("ssh", "run").contains(command.getCommandName()))
                .forEach(command -> command.setStopAtPositional(true));
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            var err = command.getErr();
            if (failure instanceof ProblemException known) {
                known.problems().forEach(problem -> err.println(problem.text()));
                return known.kind().exitStatus();
            }
            err.println("A fault of slipway itself; please report it with what follows.");
            failure.printStackTrace(err);
            return ProblemKind.BUG.exitStatus();
        });
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command.");
    }
}
