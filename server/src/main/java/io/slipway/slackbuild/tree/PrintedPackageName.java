package io.slipway.slackbuild.tree;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackware.PackageFileName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Asks the script itself, with {@code PRINT_PACKAGE_NAME} set: the only truth about the name. <b>This runs the script</b>,
 * and one that does not look at the variable begins to build. So it is given nothing of the caller's environment, places
 * that do not exist to write to, no network and little time, and is meant to be run where a build would be: whoever knows
 * such a place passes {@code confine}.
 */
public final class PrintedPackageName implements PackageNaming {
    /** Of a script that prints a line; also of one that does not, on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int LONGEST_OUTPUT = 4096;

    private final CommandRunner runner;
    private final UnaryOperator<List<String>> confine;

    /**
     * @param runner starts programs
     * @param confine puts a command line into confinement, such as a build root; {@link #withoutNetwork} at least
     */
    public PrintedPackageName(CommandRunner runner, UnaryOperator<List<String>> confine) {
        this.runner = runner;
        this.confine = confine;
    }

    /** In namespaces of its own for network and processes ({@code unshare(1)}), as nobody but itself. */
    public static List<String> withoutNetwork(List<String> command) {
        var out = new ArrayList<>(List.of(
                "unshare", "--user", "--map-root-user", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child"));
        out.addAll(command);
        return out;
    }

    @Override
    public PackageFileName name(SlackBuild slackbuild, Map<String, String> environment) throws InterruptedException {
        Path directory = Path.of(slackbuild.files().path()).toAbsolutePath();
        var variables = new TreeMap<String, String>();
        variables.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        variables.put("HOME", "/nonexistent");
        variables.put("TMP", "/nonexistent");
        variables.put("OUTPUT", "/nonexistent");
        variables.put("LC_ALL", "C");
        variables.put("TZ", "UTC");
        variables.put("ARCH", "x86_64");
        variables.putAll(environment);
        variables.put("PRINT_PACKAGE_NAME", "1");
        var arguments = new ArrayList<>(List.of("env", "-i"));
        variables.forEach((key, value) -> arguments.add(key + '=' + value));
        // Not by its own first line, and not by its mode: a user's directory may have neither.
        arguments.addAll(List.of("bash", "--noprofile", "--norc", "./" + slackbuild.script()));
        CommandResult result = runner.run(new Command(
                confine.apply(arguments), directory, Map.of(), Command.Input.NONE, PATIENCE, LONGEST_OUTPUT));
        result.orFail(
                ProblemKind.INVALID_INPUT,
                "The script of " + slackbuild.name() + " could not say the name of its package",
                "Let it print \"$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE\" and exit when PRINT_PACKAGE_NAME is set,"
                        + " before it does anything.");
        List<String> lines = result.output().lines().toList();
        if (lines.size() != 1) {
            throw refuse(slackbuild, "it printed " + lines.size() + " lines", result);
        }
        PackageFileName name = PackageFileName.find(lines.get(0).strip())
                .orElseThrow(() -> refuse(slackbuild, "what it printed is no package's file name", result));
        if (!name.name().equals(slackbuild.packageName().name())) {
            throw refuse(
                    slackbuild,
                    "it printed the name of the package \"" + name.name() + "\", not of \""
                            + slackbuild.packageName().name() + '"',
                    result);
        }
        return name;
    }

    private static ProblemException refuse(SlackBuild slackbuild, String cause, CommandResult result) {
        return Problem.of(
                        ProblemKind.INVALID_INPUT,
                        "The script of " + slackbuild.name() + " does not say the name of its package.",
                        "Let it print one line, \"$PRGNAM-$VERSION-$ARCH-$BUILD$TAG.$PKGTYPE\", and exit when"
                                + " PRINT_PACKAGE_NAME is set, before it does anything.")
                .because(Character.toUpperCase(cause.charAt(0)) + cause.substring(1) + ".")
                .withDetails(result.output().strip())
                .asException();
    }
}
