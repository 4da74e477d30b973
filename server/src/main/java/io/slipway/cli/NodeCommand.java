package io.slipway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.app.ApplianceClient;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
    void list(@Mixin Output output) {
        JsonNode status = client().status(0, 0);
        output.print(output.isJson() ? status + "\n" : StatusCommand.text(status));
    }

    @Command(
            name = "show",
            description = "Shows everything about one node: its report, its events and its installer's log lines.",
            footer = {"", "Example: slipway node show node1"})
    void show(@Mixin Output output, @Parameters(paramLabel = "NODE", description = "The node's name.") String node) {
        JsonNode shown = client().node(node);
        output.print(output.isJson() ? shown + "\n" : text(shown));
    }

    @Command(
            name = "arm",
            description = "Allows one installation, which ERASES the node's system disk.",
            footer = {"", "Example: slipway node arm node1"})
    void arm(@Mixin NodeNames nodes) {
        act(nodes, "arm");
    }

    @Command(
            name = "disarm",
            description = "Takes an arming back; also ends a quarantine or clears a failure.",
            footer = {"", "Example: slipway node disarm node1"})
    void disarm(@Mixin NodeNames nodes) {
        act(nodes, "disarm");
    }

    @Command(
            name = "rescue",
            description = "Boots the node once into a rescue shell; nothing is erased.",
            footer = {"", "Example: slipway node rescue node1"})
    void rescue(@Mixin NodeNames nodes) {
        act(nodes, "rescue");
    }

    @Command(
            name = "reinstall",
            description = "Allows one installation of a node that is installed, which ERASES its system disk.",
            footer = {"", "Example: slipway node reinstall node1"})
    void reinstall(@Mixin NodeNames nodes) {
        act(nodes, "reinstall");
    }

    @Command(
            name = "approve",
            description = "Lets an installer go on whose screen shows the fingerprint that status shows.",
            footer = {"", "Example: slipway node approve node1"})
    void approve(@Mixin NodeNames nodes) {
        act(nodes, "approve");
    }

    private void act(NodeNames nodes, String action) {
        ApplianceClient client = client();
        PrintWriter out = spec.commandLine().getOut();
        for (String node : nodes.names) {
            JsonNode after = client.act(node, action);
            String until = after.path("armedUntil").asText();
            out.println(node + " is " + after.path("phase").asText() + (until.isEmpty() ? "" : " until " + until));
            // The next node may be refused.
            out.flush();
        }
    }

    private ApplianceClient client() {
        return ApplianceClient.open(state.directory());
    }

    /** The nodes that something is done to. */
    static final class NodeNames {
        @Parameters(paramLabel = "NODE", arity = "1..*", description = "Names of nodes.")
        private List<String> names = List.of();
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
