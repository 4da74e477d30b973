package io.slipway.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.slackbuild.BuildGraph;
import io.slipway.slackbuild.BuildGraph.Step;
import io.slipway.slackbuild.Catalogue;
import io.slipway.slackbuild.GraphSvg;
import io.slipway.slackbuild.GraphText;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code slipway packages graph}. */
@Command(
        name = "graph",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what is built, in which order, and what for.",
            "Everything that is missing, in a circle, or in conflict is reported at once, with the path that leads there."
        },
        footer = {"", "Example: slipway packages graph ovn", "         slipway packages graph --svg packages.svg"})
final class PackagesGraphCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "STACK",
            description = "Stacks or single SlackBuilds (default: those of -f FILE, otherwise all stacks).")
    private List<String> names = new ArrayList<>();

    @Mixin
    private SlackBuildOptions slackbuilds = new SlackBuildOptions();

    @Option(names = "--dot", description = "Print it for Graphviz.")
    private boolean dot;

    @Option(names = "--svg", paramLabel = "FILE", description = "Draw it into a file.")
    private @Nullable Path svg;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws JsonProcessingException {
        Catalogue catalogue = slackbuilds.catalogue();
        BuildGraph graph = BuildGraph.of(catalogue, slackbuilds.wanted(names));
        // Ours are held to the rules by a test, so what they leave open is meant.
        String ours = Installation.slackbuilds().toString();
        graph.steps().stream()
                .filter(step -> !catalogue.origin(step.name()).equals(ours))
                .flatMap(step -> step.slackbuild().assumptions().stream())
                .forEach(assumption -> output.err().println("Assumed: " + assumption.text()));
        graph.notes().forEach(output.err()::println);
        output.err().flush();
        if (svg != null) {
            try {
                Files.writeString(svg, GraphSvg.of(graph));
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "written", svg);
            }
            if (!output.isJson() && !dot) {
                output.print(
                        "Drew " + graph.steps().size() + " packages into " + svg + ". Any web browser shows it.\n");
                return 0;
            }
        }
        output.print(
                output.isJson()
                        ? Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json(graph, catalogue)) + "\n"
                        : dot ? GraphText.dot(graph) : GraphText.table(graph));
        return 0;
    }

    private static ObjectNode json(BuildGraph graph, Catalogue catalogue) {
        ObjectNode out = Json.object();
        var steps = out.putArray("packages");
        for (Step step : graph.steps()) {
            ObjectNode node = steps.addObject()
                    .put("name", step.name())
                    .put("version", step.slackbuild().version())
                    .put("file", step.slackbuild().packageName().fileName())
                    .put("stack", step.stack())
                    .put("from", catalogue.origin(step.name()))
                    .put("buildOnly", step.buildOnly());
            step.after().forEach(node.putArray("after")::add);
            step.slackware().forEach(node.putArray("slackware")::add);
            step.series().forEach(node.putArray("series")::add);
        }
        ObjectNode leftOut = out.putObject("leftOut");
        graph.leftOut().forEach((name, by) -> by.forEach(leftOut.putArray(name)::add));
        return out;
    }
}
