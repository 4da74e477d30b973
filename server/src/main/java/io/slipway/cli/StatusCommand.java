package io.slipway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.slipway.app.ApplianceClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code slipway status}. */
@Command(
        name = "status",
        description = "Shows what each node is doing, when it was last heard from and what it waits for.",
        footer = {"", "Example: slipway status --watch"})
final class StatusCommand implements Runnable {
    /** How old the ages on a screen may get. */
    private static final int WAIT_SECONDS = 5;

    @Mixin
    private StateOption state = new StateOption();

    @Mixin
    private Output output = new Output();

    @Option(names = "--watch", description = "Show it again at each change, until interrupted.")
    private boolean watch;

    @Override
    public void run() {
        ApplianceClient client = ApplianceClient.open(state.directory());
        JsonNode status = client.status(0, 0);
        if (!watch) {
            output.print(output.isJson() ? status + "\n" : text(status));
            return;
        }
        boolean screen = Terminal.isOutput() && !output.isJson();
        String shown = "";
        while (true) {
            String what = status.path("image").asText() + status.path("nodes") + status.path("machines");
            if (screen) {
                output.print(Terminal.page(text(status)));
            } else if (!what.equals(shown)) {
                output.print(output.isJson() ? status + "\n" : text(status) + "\n");
            }
            shown = what;
            status = client.status(status.path("version").asLong(), WAIT_SECONDS);
        }
    }

    /** The table that people read. */
    static String text(JsonNode status) {
        Instant now = Instant.parse(status.path("now").asText());
        var out = new StringBuilder();
        String image = status.path("image").asText();
        out.append("Cluster ").append(status.path("cluster").asText()).append(", image ");
        out.append(image.isEmpty() ? "none" : image.substring(0, Math.min(12, image.length())))
                .append("\n\n");
        out.append(row("NODE", "STATE", "STAGE", "HEARD", "WAITS FOR"));
        for (JsonNode node : status.path("nodes")) {
            String stage = node.path("stage").asText();
            out.append(row(
                    node.path("name").asText(),
                    node.path("phase").asText(),
                    stage.isEmpty() ? "" : stage + " " + node.path("percent").asInt() + "%",
                    ago(node.path("heard").asText(), now),
                    node.path("waitsFor").asText()));
            note(out, node.path("reason").asText());
            note(out, node.path("silence").asText());
            JsonNode alarms = node.path("alarms");
            if (!alarms.isEmpty()) {
                note(out, "ALARM " + alarms.get(alarms.size() - 1).path("text").asText());
            }
        }
        if (!status.path("machines").isEmpty()) {
            out.append("\nMachines that cluster.yaml does not name:\n");
            for (JsonNode machine : status.path("machines")) {
                out.append("  ").append(machine.path("mac").asText());
                for (String field : new String[] {"address", "architecture", "serial", "uuid"}) {
                    String value = machine.path(field).asText();
                    out.append(value.isEmpty() ? "" : "  " + field + " " + value);
                }
                out.append("  seen ")
                        .append(ago(machine.path("last").asText(), now))
                        .append('\n');
            }
        }
        return out.toString();
    }

    private static String row(String node, String state, String stage, String heard, String waits) {
        return String.format(Locale.ROOT, "%-12s %-18s %-16s %-8s %s", node, state, stage, heard, waits)
                        .stripTrailing()
                + "\n";
    }

    private static void note(StringBuilder out, String text) {
        if (!text.isEmpty()) {
            out.append("             ").append(text).append('\n');
        }
    }

    static String ago(String at, Instant now) {
        if (at.isEmpty()) {
            return "never";
        }
        long seconds = Math.max(0, Duration.between(Instant.parse(at), now).toSeconds());
        return seconds < 120
                ? seconds + " s"
                : seconds < 7200
                        ? seconds / 60 + " min"
                        : seconds < 172_800 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
    }
}
