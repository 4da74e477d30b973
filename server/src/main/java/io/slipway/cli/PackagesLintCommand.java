package io.slipway.cli;

import io.slipway.problem.ProblemKind;
import io.slipway.process.LocalCommandRunner;
import io.slipway.slackbuild.lint.Finding;
import io.slipway.slackbuild.lint.Linter;
import io.slipway.slackbuild.tree.BashSyntax;
import io.slipway.slackbuild.tree.SlackBuildTrees;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code slipway packages lint}. */
@Command(
        name = "lint",
        mixinStandardHelpOptions = true,
        description = {
            "Looks whether SlackBuilds keep the rules: SlackBuilds.org's and what the builder relies on.",
            "Nothing is run. Ends with status 2 if there are errors. JSON is one finding a line."
        },
        footer = {"", "Example: slipway packages lint slackbuilds/openvswitch"})
final class PackagesLintCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "DIR",
            description = "SlackBuilds, or directories of them (default: those beside the program).")
    private List<Path> directories = new ArrayList<>();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws InterruptedException {
        var syntax = new BashSyntax(new LocalCommandRunner());
        List<Path> roots = directories.isEmpty() ? List.of(Installation.slackbuilds()) : directories;
        PrintWriter out = output.out();
        int looked = 0;
        int errors = 0;
        int warnings = 0;
        for (Path root : roots) {
            // What is wrong with the stacks is wrong with the tree.
            SlackBuildTrees.stacks(root);
            for (Path directory : SlackBuildTrees.list(root)) {
                looked++;
                for (Finding finding : Linter.lint(SlackBuildTrees.files(directory), syntax)) {
                    if (finding.severity() == Finding.Severity.ERROR) {
                        errors++;
                    } else {
                        warnings++;
                    }
                    out.println(output.isJson() ? json(finding) : finding.text());
                }
            }
        }
        if (!output.isJson()) {
            out.println(looked + " SlackBuilds: " + errors + " errors, " + warnings + " warnings.");
        }
        out.flush();
        return errors == 0 ? 0 : ProblemKind.INVALID_INPUT.exitStatus();
    }

    private static String json(Finding finding) {
        return Json.object()
                .put("severity", finding.severity().text())
                .put("file", finding.file())
                .put("line", finding.line())
                .put("rule", finding.rule())
                .put("what", finding.what())
                .put("why", finding.why())
                .put("correction", finding.correction())
                .toString();
    }
}
