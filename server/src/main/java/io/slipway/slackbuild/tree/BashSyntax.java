package io.slipway.slackbuild.tree;

import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import io.slipway.slackbuild.lint.Linter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code bash -n}: reads a script and runs nothing of it. */
public final class BashSyntax implements Linter.SyntaxCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final CommandRunner runner;

    public BashSyntax(CommandRunner runner) {
        this.runner = runner;
    }

    @Override
    public Optional<String> objection(String script) throws InterruptedException {
        // BASH_ENV would be run even with -n.
        var command = new Command(
                List.of("env", "-i", "PATH=/usr/bin:/bin", "LC_ALL=C", "bash", "--noprofile", "--norc", "-n"),
                null,
                Map.of(),
                Command.Input.of(script),
                PATIENCE,
                1 << 16);
        CommandResult result = runner.run(command);
        if (result.succeeded()) {
            return Optional.empty();
        }
        if (result.timedOut()) {
            return Optional.of("line 1: bash did not come to its end within " + PATIENCE.toSeconds() + " s");
        }
        return Optional.of(result.error()
                .lines()
                .findFirst()
                .map(line -> line.replaceFirst("^.*?(?=line \\d+:)", ""))
                .orElse("line 1: status " + result.status()));
    }
}
