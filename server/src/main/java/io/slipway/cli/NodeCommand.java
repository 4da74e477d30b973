package io.slipway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.app.ApplianceClient;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code slipway node}. */
@Command(
        name = "node",
        description = "Lists nodes, shows one, and allows or forbids what they may do.",
        footer = {"", "Example: slipway node arm node1"})
final class NodeCommand implements Runnable {
    @Mixin
    private StateOption state = new StateOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Name what to do: list, show, arm, disarm, rescue, reinstall, approve.");
    }

    @Command(
            name = "list",
            description = "Lists nodes, and machines that cluster.yaml does not name.",
            footer = {"", "Example: slipway node list --json"})
    int list(@Mixin StateOption where, @Option(names = "--json", description = "Print JSON.") boolean json) {
        JsonNode status = client(where).status(0, 0);
        print(json ? status.toString() + "\n" : StatusCommand.text(status));
        return 0;
    }

    @Command(
            name = "show",
            description = "Shows everything about one node: its report, its events and its installer's log lines.",
            footer = {"", "Example: slipway node show node1"})
    int show(
            @Mixin StateOption where,
            @Option(names = "--json", description = "Print JSON.") boolean json,
            @Parameters(paramLabel = "NODE", description = "The node's name.") String node) {
        JsonNode shown = client(where).node(node);
        print(json ? shown.toString() + "\n" : text(shown));
        return 0;
    }

    @Command(
            name = "arm",
            description = "Allows one installation, which ERASES the node's system disk.",
            footer = {"", "Example: slipway node arm node1"})
    int arm(@Mixin StateOption where, @Parameters(paramLabel = "NODE", arity = "1..*") List<String> nodes) {
        return act(where, nodes, "arm");
    }

    @Command(
            name = "disarm",
            description = "Takes an arming back; also ends a quarantine or clears a failure.",
            footer = {"", "Example: slipway node disarm node1"})
    int disarm(@Mixin StateOption where, @Parameters(paramLabel = "NODE", arity = "1..*") List<String> nodes) {
        return act(where, nodes, "disarm");
    }

    @Command(
            name = "rescue",
            description = "Boots the node once into a rescue shell; nothing is erased.",
            footer = {"", "Example: slipway node rescue node1"})
    int rescue(@Mixin StateOption where, @Parameters(paramLabel = "NODE", arity = "1..*") List<String> nodes) {
        return act(where, nodes, "rescue");
    }

    @Command(
            name = "reinstall",
            description = "Allows one installation of a node that is installed, which ERASES its system disk.",
            footer = {"", "Example: slipway node reinstall node1"})
    int reinstall(@Mixin StateOption where, @Parameters(paramLabel = "NODE", arity = "1..*") List<String> nodes) {
        return act(where, nodes, "reinstall");
    }

    @Command(
            name = "approve",
            description = "Lets an installer go on whose screen shows the fingerprint that status shows.",
            footer = {"", "Example: slipway node approve node1"})
    int approve(@Mixin StateOption where, @Parameters(paramLabel = "NODE", arity = "1..*") List<String> nodes) {
        return act(where, nodes, "approve");
    }

    private int act(StateOption where, List<String> nodes, String action) {
        ApplianceClient client = client(where);
        for (String node : nodes) {
            JsonNode after = client.act(node, action);
            String until = after.path("armedUntil").asText();
            print(node + " is " + after.path("phase").asText() + (until.isEmpty() ? "" : " until " + until) + "\n");
        }
        return 0;
    }

    /** The option may stand before or behind the name of what to do. */
    private ApplianceClient client(StateOption where) {
        boolean own = where.directory().equals(new StateOption().directory());
        return ApplianceClient.open((own ? state : where).directory());
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(text);
        out.flush();
    }

    private static String text(JsonNode node) {
        var out = new StringBuilder();
        for (String field : new String[] {
            "name",
            "phase",
            "since",
            "heard",
            "stage",
            "waitsFor",
            "silence",
            "reason",
            "armedUntil",
            "fingerprint",
            "image"
        }) {
            String value = node.path(field).asText();
            if (!value.isEmpty()) {
                out.append(String.format(java.util.Locale.ROOT, "%-12s %s%n", field, value));
            }
        }
        list(out, "alarms", node.path("alarms"), "at", "text");
        for (String field : new String[] {"hostKeys", "report"}) {
            if (!node.path(field).isEmpty()) {
                out.append('\n').append(field).append('\n');
                node.path(field)
                        .forEach(line -> out.append("  ").append(line.asText()).append('\n'));
            }
        }
        list(out, "events", node.path("events"), "at", "kind", "detail", "impossible");
        list(out, "log", node.path("log"), "at", "text");
        return out.toString();
    }

    private static void list(StringBuilder out, String title, JsonNode rows, String... fields) {
        if (rows.isEmpty()) {
            return;
        }
        out.append('\n').append(title).append('\n');
        for (JsonNode row : rows) {
            out.append(' ');
            for (String field : fields) {
                String value = row.path(field).asText();
                out.append(value.isEmpty() ? "" : " " + value);
            }
            out.append('\n');
        }
    }
}
