package io.slipway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.Mention;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.Stack;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code slipway packages list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the SlackBuilds that there are. JSON is one a line.",
        footer = {"", "Example: slipway packages list --slackbuilds ~/slackbuilds"})
final class PackagesListCommand implements Callable<Integer> {
    @Mixin
    private SlackBuildOptions slackbuilds = new SlackBuildOptions();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        Catalogue catalogue = slackbuilds.catalogue();
        PrintWriter out = output.out();
        if (!output.isJson()) {
            if (catalogue.slackbuilds().isEmpty()) {
                out.println("There are no SlackBuilds.");
            } else {
                out.printf(Locale.ROOT, "%-24s %-20s %-8s %-24s %s%n", "NAME", "VERSION", "STACK", "REQUIRES", "FROM");
            }
        }
        for (SlackBuild slackbuild : catalogue.slackbuilds()) {
            String stack =
                    catalogue.findStackOf(slackbuild.name()).map(Stack::name).orElse("");
            if (output.isJson()) {
                out.println(json(catalogue, slackbuild, stack));
            } else {
                out.printf(
                        Locale.ROOT,
                        "%-24s %-20s %-8s %-24s %s%n",
                        slackbuild.name(),
                        slackbuild.version(),
                        stack.isEmpty() ? "-" : stack,
                        requires(catalogue, slackbuild).collect(Collectors.joining(" ")),
                        catalogue.origin(slackbuild.name()));
            }
        }
        out.flush();
        catalogue
                .broken()
                .values()
                .forEach(problems -> problems.forEach(problem -> output.err().println(problem.text())));
        return 0;
    }

    private static Stream<String> requires(Catalogue catalogue, SlackBuild slackbuild) {
        return Stream.concat(
                        slackbuild.requires().stream(), catalogue.supplement(slackbuild.name()).requires().stream())
                .map(Mention::name)
                .distinct();
    }

    private static ObjectNode json(Catalogue catalogue, SlackBuild slackbuild, String stack) {
        ObjectNode node = Json.object()
                .put("name", slackbuild.name())
                .put("version", slackbuild.version())
                .put("file", slackbuild.packageName().fileName())
                .put("summary", slackbuild.summary())
                .put("stack", stack)
                .put("from", catalogue.origin(slackbuild.name()));
        requires(catalogue, slackbuild).forEach(node.putArray("requires")::add);
        slackbuild.sources().forEach(source -> node.withArray("sources").add(source.url()));
        slackbuild.assumptions().forEach(assumption -> node.withArray("assumed").add(assumption.summary()));
        return node;
    }
}
