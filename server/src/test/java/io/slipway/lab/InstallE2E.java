package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bare virtual machines, installed over the network by the program as users run it. */
class InstallE2E {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration INSTALLATION = Duration.ofMinutes(25);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private Path lab = Path.of("");

    @BeforeEach
    void rootOnly() {
        Assumptions.assumeTrue(
                Boolean.getBoolean("slipway.soak"),
                "twenty minutes of emulated machines: run with ./slipway test --soak InstallE2E");
        boolean root = "root".equals(System.getProperty("user.name"));
        assertThat(root).as("virtual machines on a bridge need root").isTrue();
        lab = directory.resolve("lab");
    }

    @AfterEach
    void down() throws Exception {
        if (!Boolean.getBoolean("slipway.soak")) {
            return;
        }
        assertThat(slipway(Duration.ofMinutes(2), "lab", "down", "--state", lab.toString()))
                .as(output())
                .isZero();
        assertThat(run(Duration.ofSeconds(20), "ip", "netns", "list")).isZero();
        assertThat(output()).doesNotContain(new Places(lab).namespace());
    }

    private int slipway(Duration limit, String... arguments) throws Exception {
        var command = new ArrayList<String>();
        command.add(Repository.root().resolve("slipway").toString());
        command.addAll(List.of(arguments));
        return run(limit, command.toArray(String[]::new));
    }

    private int run(Duration limit, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError(String.join(" ", command) + " did not end in " + limit + ":\n" + output());
        }
        return process.exitValue();
    }

    private String output() {
        try {
            return Files.readString(directory.resolve("output"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** The node as the appliance's own command shows it, from inside the appliance's namespace. */
    private JsonNode node(String name) {
        try {
            int status = run(
                    Duration.ofMinutes(1),
                    "ip",
                    "netns",
                    "exec",
                    new Places(lab).namespace(),
                    Repository.root().resolve("slipway").toString(),
                    "node",
                    "show",
                    name,
                    "--json",
                    "--state",
                    new Places(lab).appliance().toString());
            return status == 0 ? JSON.readTree(output()) : JSON.createObjectNode();
        } catch (Exception e) {
            return JSON.createObjectNode();
        }
    }

    private long count(String name, String kind) {
        long found = 0;
        for (JsonNode event : node(name).path("events")) {
            if (event.path("kind").asText().equals(kind)) {
                found++;
            }
        }
        return found;
    }

    private static void await(String what, Duration limit, BooleanSupplier condition) throws InterruptedException {
        Instant end = Instant.now().plus(limit);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now())
                    .as(what + " did not come about in " + limit)
                    .isBefore(end);
            TimeUnit.SECONDS.sleep(2);
        }
    }

    private String screens() {
        var out = new StringBuilder();
        for (int i = 1; i <= 3; i++) {
            Path log = new Places(lab).serialLog("node" + i);
            try {
                List<String> lines =
                        List.of(new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1).split("\n"));
                out.append("== ").append(log).append('\n');
                lines.subList(Math.max(0, lines.size() - 25), lines.size())
                        .forEach(line -> out.append(line).append('\n'));
            } catch (IOException absent) {
                out.append("no ").append(log).append('\n');
            }
        }
        return out.toString();
    }

    @Test
    void biosMachinesInstallThemselvesBesideAForeignDhcpServerAndThenStartFromTheirDisks() throws Exception {
        int status = slipway(
                INSTALLATION, "lab", "up", "--yes", "--state", lab.toString(), "--firmware", "bios", "--nodes", "2");
        assertThat(status).as("%s%n%s", output(), screens()).isZero();
        for (String name : List.of("node1", "node2")) {
            JsonNode node = node(name);
            assertThat(node.path("phase").asText()).isEqualTo("ready");
            assertThat(node.path("report").toString()).contains("kernel=").contains("package=openssh-");
        }
        // The network's own server gave the addresses.
        assertThat(Files.readString(new Places(lab).dnsmasqLog())).contains("DHCPACK");
        assertThat(slipway(Duration.ofMinutes(1), "lab", "ssh", "--state", lab.toString(), "node1", "uname", "-n"))
                .as(output())
                .isZero();
        assertThat(output().strip()).endsWith("node1");

        // Twice more, the network first in the boot order: asked, and sent to the disk.
        for (int boot = 1; boot <= 2; boot++) {
            long before = count("node1", "SentToDisk");
            assertThat(slipway(Duration.ofMinutes(1), "lab", "power", "--state", lab.toString(), "node1", "reset"))
                    .as(output())
                    .isZero();
            await("an answer of local disk", Duration.ofMinutes(4), () -> count("node1", "SentToDisk") > before);
            await("a login after the reboot", Duration.ofMinutes(6), () -> {
                try {
                    return slipway(
                                    Duration.ofMinutes(1),
                                    "lab",
                                    "ssh",
                                    "--state",
                                    lab.toString(),
                                    "node1",
                                    "test",
                                    "!",
                                    "-e",
                                    "/etc/slipway/session")
                            == 0;
                } catch (Exception e) {
                    return false;
                }
            });
        }
        assertThat(count("node1", "Claimed")).isEqualTo(1);
        assertThat(count("node1", "CalledBack")).isEqualTo(1);
        assertThat(node("node1").path("phase").asText()).isEqualTo("ready");
    }
}
