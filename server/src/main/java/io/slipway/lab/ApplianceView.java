package io.slipway.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.process.Command;
import io.slipway.process.CommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the appliance says about the nodes. It listens on the loopback of its namespace, where this process is not, so
 * curl goes there; the token comes from a file and never stands in a command line.
 */
final class ApplianceView {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(15);

    private final CommandRunner runner;
    private final Places places;
    private final int port;

    ApplianceView(CommandRunner runner, Places places, int port) {
        this.runner = runner;
        this.places = places;
        this.port = port;
    }

    /**
     * One node.
     *
     * @param name its name
     * @param phase where it is in its life, as the appliance writes it
     * @param stage the installer's stage, or empty
     * @param percent of the installation
     * @param waitsFor what it waits for, as a sentence
     * @param trouble why it is thought lost or has failed, or empty
     */
    record NodeView(String name, String phase, String stage, int percent, String waitsFor, String trouble) {
        boolean isReady() {
            return phase.equals("ready") || phase.equals("forming") || phase.equals("member");
        }

        boolean hasFailed() {
            return phase.equals("failed") || phase.equals("quarantined");
        }

        String text() {
            var out = new StringBuilder(phase);
            if (!stage.isEmpty()) {
                out.append(' ').append(stage).append(' ').append(percent).append('%');
            }
            if (!trouble.isEmpty()) {
                out.append(": ").append(trouble);
            }
            return out.toString();
        }
    }

    /** All nodes; empty while the appliance does not answer. */
    List<NodeView> nodes() throws InterruptedException {
        return parse(ask("/v1/status"));
    }

    /**
     * What the admin listener answers.
     *
     * @param path such as {@code /v1/nodes/node1}
     * @return its JSON, or an empty object while it does not answer
     */
    JsonNode ask(String path) throws InterruptedException {
        Path token = places.appliance().resolve("admin.token");
        String secret;
        try {
            secret = Files.readString(token).strip();
        } catch (IOException early) {
            return JSON.createObjectNode();
        }
        var result = runner.run(Command.of(
                        SOON,
                        "ip",
                        "netns",
                        "exec",
                        places.namespace(),
                        "curl",
                        "-s",
                        "-f",
                        "-m",
                        "10",
                        "-H",
                        "@-",
                        "http://127.0.0.1:" + port + path)
                .withInput(Command.Input.of("Authorization: Bearer " + secret + "\n")));
        if (!result.succeeded()) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readTree(result.output());
        } catch (IOException broken) {
            return JSON.createObjectNode();
        }
    }

    static List<NodeView> parse(JsonNode status) {
        var nodes = new ArrayList<NodeView>();
        for (JsonNode node : status.path("nodes")) {
            String reason = node.path("reason").asText("");
            nodes.add(new NodeView(
                    node.path("name").asText(),
                    node.path("phase").asText(),
                    node.path("stage").asText(""),
                    node.path("percent").asInt(),
                    node.path("waitsFor").asText(""),
                    reason.isEmpty() ? node.path("silence").asText("") : reason));
        }
        return nodes;
    }
}
