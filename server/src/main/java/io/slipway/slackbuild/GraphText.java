package io.slipway.slackbuild;

import io.slipway.slackbuild.BuildGraph.Step;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A graph as text: a table in the order of building, and as DOT for Graphviz. */
public final class GraphText {
    private GraphText() {}

    /** The table that people read. */
    public static String table(BuildGraph graph) {
        if (graph.steps().isEmpty()) {
            return "Nothing is to be built: the stacks name no SlackBuild.\n";
        }
        int name = width("NAME", graph.steps().stream().map(Step::name));
        int version = width(
                "VERSION", graph.steps().stream().map(step -> step.slackbuild().version()));
        int stack = width("STACK", graph.steps().stream().map(Step::stack));
        String format = "%4s  %-" + name + "s  %-" + version + "s  %-" + stack + "s  %s";
        var out = new StringBuilder();
        out.append(line(format, "#", "NAME", "VERSION", "STACK", "AFTER"));
        int number = 1;
        for (Step step : graph.steps()) {
            String after = String.join(" ", step.after());
            String own = step.slackware().isEmpty() ? "" : "Slackware's " + String.join(" ", step.slackware());
            String last = after
                    + (after.isEmpty() || own.isEmpty() ? "" : "; ")
                    + own
                    + (step.buildOnly() ? (after + own).isEmpty() ? "(not installed)" : " (not installed)" : "");
            out.append(line(
                    format,
                    Integer.toString(number++),
                    step.name(),
                    step.slackbuild().version(),
                    step.stack().isEmpty() ? "-" : step.stack(),
                    last));
        }
        if (!graph.leftOut().isEmpty()) {
            out.append("\nLeft out of Slackware where these are: ")
                    .append(graph.leftOut().entrySet().stream()
                            .map(each -> each.getKey() + " (" + String.join(", ", each.getValue()) + ")")
                            .collect(Collectors.joining(", ")))
                    .append(".\n");
        }
        return out.toString();
    }

    private static int width(String title, Stream<String> values) {
        int longest = values.mapToInt(String::length).max().orElse(0);
        return Math.max(title.length(), Math.min(longest, 60));
    }

    private static String line(String format, String... cells) {
        return String.format(Locale.ROOT, format, (Object[]) cells).stripTrailing() + "\n";
    }

    /** For {@code dot -Tsvg} and the like: an arrow leads from what is needed to what needs it. */
    public static String dot(BuildGraph graph) {
        var out = new StringBuilder("digraph slackbuilds {\n  rankdir=LR;\n  node [shape=box, fontname=Helvetica];\n");
        var stacks = graph.steps().stream().map(Step::stack).distinct().toList();
        for (String stack : stacks) {
            String indent = stack.isEmpty() ? "  " : "    ";
            if (!stack.isEmpty()) {
                out.append("  subgraph ").append(quoted("cluster_" + stack)).append(" {\n");
                out.append("    label=").append(quoted(stack)).append(";\n");
            }
            for (Step step : graph.steps()) {
                if (step.stack().equals(stack)) {
                    out.append(indent)
                            .append(quoted(step.name()))
                            .append(" [label=")
                            .append(quoted(
                                    step.name() + "\\n" + step.slackbuild().version()))
                            .append(step.buildOnly() ? ", style=dashed" : "")
                            .append("];\n");
                }
            }
            if (!stack.isEmpty()) {
                out.append("  }\n");
            }
        }
        for (Step step : graph.steps()) {
            for (String needed : step.after()) {
                out.append("  ")
                        .append(quoted(needed))
                        .append(" -> ")
                        .append(quoted(step.name()))
                        .append(";\n");
            }
        }
        return out.append("}\n").toString();
    }

    /** Names of packages have neither quotes nor backslashes; what stands in labels besides is our own. */
    private static String quoted(String text) {
        return '"' + text.replace("\"", "\\\"") + '"';
    }
}
