package io.slipway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.app.Appliance;
import io.slipway.app.ApplianceClient;
import io.slipway.app.ClusterFormation;
import io.slipway.app.PinnedKeys;
import io.slipway.formation.view.ClusterView;
import io.slipway.formation.view.ViewJson;
import io.slipway.formation.view.ViewSvg;
import io.slipway.formation.view.ViewText;
import io.slipway.inventory.Cluster;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code slipway status}. */
@Command(
        name = "status",
        description = {
            "Shows what each node is doing, when it was last heard from and what it waits for.",
            "Where cluster.yaml is at hand, the nodes of a formed cluster are asked too: who leads what, who is a member."
        },
        footer = {"", "Example: slipway status --watch", "         slipway status --svg cluster.svg"})
final class StatusCommand implements Callable<Integer> {
    private static final Set<String> FORMED = Set.of("forming", "member");

    /** How old the ages on a screen may get. */
    private static final int WAIT_SECONDS = 5;

    @Mixin
    private ClusterOption file = new ClusterOption();

    @Mixin
    private StateOption state = new StateOption();

    @Mixin
    private Output output = new Output();

    @Option(names = "--watch", description = "Show it again at each change, until interrupted.")
    private boolean watch;

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "Draw the cluster instead: nodes, networks, who leads what. Needs cluster.yaml.")
    private @Nullable Path svg;

    @Override
    public Integer call() throws InterruptedException {
        if (svg != null) {
            draw(svg);
            return 0;
        }
        JsonNode status;
        ApplianceClient client;
        try {
            client = ApplianceClient.open(state.directory());
            status = client.status(0, 0);
        } catch (ProblemException silent) {
            // The cluster needs no appliance once it stands.
            boolean known =
                    Files.exists(file.file()) && Files.exists(state.directory().resolve(Appliance.EVENT_LOG));
            if (watch || !known || silent.kind() != ProblemKind.UNREACHABLE) {
                throw silent;
            }
            output.err().println("No appliance runs with " + state.directory() + "; this is what the nodes say.");
            ClusterView view = look();
            output.print(output.isJson() ? ViewJson.of(view) + "\n" : ViewText.of(view));
            return 0;
        }
        if (watch) {
            watch(client, status);
        }
        ClusterView view = isFormed(status) && Files.exists(file.file()) ? look() : null;
        if (output.isJson()) {
            if (view != null && status instanceof ObjectNode whole) {
                whole.set("formation", ViewJson.of(view));
            }
            output.print(status + "\n");
        } else {
            output.print(text(status) + (view == null ? "" : "\n" + ViewText.of(view)));
        }
        return 0;
    }

    private static boolean isFormed(JsonNode status) {
        for (JsonNode node : status.path("nodes")) {
            if (FORMED.contains(node.path("phase").asText())) {
                return true;
            }
        }
        return false;
    }

    private ClusterView look() throws InterruptedException {
        Cluster cluster = file.read();
        try (var formation =
                ClusterFormation.open(cluster, state.directory(), PinnedKeys.of(cluster, state.directory()))) {
            return formation.view();
        }
    }

    private void draw(Path target) throws InterruptedException {
        ClusterView view = look();
        try {
            Files.writeString(target, ViewSvg.of(view));
        } catch (IOException e) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.ENVIRONMENT,
                                    "The picture could not be written to " + target + ".",
                                    "Name a file in a directory that exists and may be written to.")
                            .because(e.toString()),
                    e);
        }
        output.print(
                output.isJson()
                        ? ViewJson.of(view) + "\n"
                        : "Drew the cluster into " + target + ". Any web browser shows it.\n");
    }

    /** Until interrupted, or until the appliance ends. */
    private void watch(ApplianceClient client, JsonNode first) {
        JsonNode status = first;
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
