package io.slipway.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Repository;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import io.slipway.process.LocalCommandRunner;
import io.slipway.store.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A lab for each test, driven through the launcher as users do it, looked at from outside, and taken down afterwards. Needs
 * root.
 */
final class Trial implements BeforeEachCallback, AfterEachCallback {
    static final Duration INSTALLATION = Duration.ofMinutes(30);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CommandRunner runner = new LocalCommandRunner();
    private Path directory = Path.of("/nonexistent");
    private Places places = new Places(directory);

    @Override
    public void beforeEach(ExtensionContext test) throws IOException {
        boolean root = "root".equals(System.getProperty("user.name"));
        assertThat(root).as("virtual machines on a bridge need root").isTrue();
        directory = Files.createTempDirectory("slipway-trial");
        places = new Places(directory.resolve("lab"));
    }

    /** Takes the lab down, and makes sure that nothing of it is left. */
    @Override
    public void afterEach(ExtensionContext test) throws Exception {
        assertThat(start("down").await(SOON)).isZero();
        assertThat(Path.of("/run/netns", places.namespace())).doesNotExist();
        assertThat(Path.of("/run/netns", places.lanNamespace())).doesNotExist();
        assertThat(places.directory()).doesNotExist();
        AtomicFiles.removeTree(directory);
    }

    Places places() {
        return places;
    }

    /** A command of the program that runs beside the test. */
    record Started(Process process, Path output) {
        int await(Duration longest) throws Exception {
            if (!process.waitFor(longest.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError("did not end in " + longest + ":\n" + text());
            }
            return process.exitValue();
        }

        /** As kill -9 does, the programs that it has started first. */
        void kill() throws InterruptedException {
            var all = new ArrayList<>(process.descendants().toList());
            all.add(process.toHandle());
            all.forEach(ProcessHandle::destroyForcibly);
            process.waitFor();
        }

        String text() {
            try {
                return Files.readString(output);
            } catch (IOException unread) {
                return unread.toString();
            }
        }
    }

    /** {@code slipway lab WORDS --state …}. */
    Started start(String... words) throws IOException {
        var command = new ArrayList<String>();
        command.add(Repository.root().resolve("slipway").toString());
        command.add("lab");
        command.addAll(List.of("--state", places.directory().toString()));
        command.addAll(List.of(words));
        Path output = Files.createTempFile(directory, "output", "");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        return new Started(process, output);
    }

    /**
     * Runs {@code slipway lab WORDS --state …} to its end, which must be a good one.
     *
     * @return what it printed
     */
    String slipway(Duration longest, String... words) throws Exception {
        var started = start(words);
        int status = started.await(longest);
        assertThat(status)
                .as("lab %s%n%s%n%s", String.join(" ", words), started.text(), screens())
                .isZero();
        return started.text();
    }

    String onNode(String node, String... command) throws Exception {
        var words = new ArrayList<>(List.of("ssh", node));
        words.addAll(List.of(command));
        return slipway(SOON, words.toArray(String[]::new));
    }

    /** The JSON that a command prints. */
    JsonNode json(Duration longest, String... words) throws Exception {
        return parse(slipway(longest, words));
    }

    static JsonNode parse(String json) throws IOException {
        return JSON.readTree(json);
    }

    /** A node whose host key has changed behind everybody's back. */
    void onNodeByNewKey(String node, String command) throws Exception {
        var cluster = ClusterYamlReader.read(places.clusterFile());
        var result = in(
                "ssh",
                "-i",
                places.sshKey().toString(),
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "StrictHostKeyChecking=no",
                cluster.identity().admin().name() + "@" + cluster.loginAddress(cluster.getNode(node)),
                command);
        assertThat(result.succeeded()).as(result.error()).isTrue();
    }

    /** Runs a program in the lab's own namespace. */
    CommandResult in(String... words) throws InterruptedException {
        var command = new ArrayList<>(List.of("ip", "netns", "exec", places.namespace()));
        command.addAll(List.of(words));
        return runner.run(Command.of(SOON, command));
    }

    private JsonNode admin(String path) throws InterruptedException {
        return Files.exists(places.record())
                ? new ApplianceView(runner, places, LabRecord.read(places).adminPort()).ask(path)
                : JSON.createObjectNode();
    }

    JsonNode node(String name) throws InterruptedException {
        return admin("/v1/nodes/" + name);
    }

    JsonNode status() throws InterruptedException {
        return admin("/v1/status");
    }

    String phase(String name) throws InterruptedException {
        return node(name).path("phase").asText();
    }

    long count(String name, String kind) throws InterruptedException {
        return StreamSupport.stream(node(name).path("events").spliterator(), false)
                .filter(event -> event.path("kind").asText().equals(kind))
                .count();
    }

    void await(String what, Duration longest, Callable<Boolean> condition) throws Exception {
        Instant end = Instant.now().plus(longest);
        while (!condition.call()) {
            assertThat(Instant.now())
                    .as("%s did not come about in %s%n%s", what, longest, screens())
                    .isBefore(end);
            TimeUnit.SECONDS.sleep(2);
        }
    }

    private Machines machines() {
        return new Machines(runner, places, LabRecord.read(places));
    }

    /** Adds a machine that the lab does not know to its boot network. */
    void add(Machine machine) throws InterruptedException {
        for (Machine.Card card : machine.cards()) {
            assertThat(in("ip", "tuntap", "add", "dev", card.tap(), "mode", "tap")
                            .succeeded())
                    .isTrue();
            assertThat(in("ip", "link", "set", card.tap(), "master", "sw0", "up")
                            .succeeded())
                    .isTrue();
        }
        machines().create(machine);
        machines().start(machine);
    }

    boolean isOn(String machine) {
        return machines().isRunning(machine);
    }

    /** Switches a machine off and compares its disk with an empty one. */
    void assertUntouched(Machine machine) throws InterruptedException {
        machines().stop(machine.name());
        Path blank = directory.resolve("blank-" + machine.name() + ".qcow2");
        machines().makeDisk(blank, machine.disks().get(0).bytes());
        var compared = runner.run(Command.of(
                SOON,
                "qemu-img",
                "compare",
                places.node(machine.name()).resolve("disk0.qcow2").toString(),
                blank.toString()));
        assertThat(compared.status()).as(compared.output() + compared.error()).isZero();
    }

    void killAppliance() {
        var serve = Processes.find(places.servePid(), "serve");
        assertThat(serve).isPresent();
        assertThat(serve.orElseThrow().destroyForcibly()).isTrue();
    }

    /** The last lines of the appliance's log and of every machine's console. */
    String screens() {
        var out = new StringBuilder();
        tail(out, "appliance", places.serveLog());
        try (var nodes = Files.list(places.directory().resolve("nodes"))) {
            for (Path node : nodes.sorted().toList()) {
                tail(out, String.valueOf(node.getFileName()), node.resolve("serial.log"));
            }
        } catch (IOException none) {
            out.append(none).append('\n');
        }
        return out.toString();
    }

    private static void tail(StringBuilder out, String title, Path file) {
        out.append("== ").append(title).append('\n');
        try {
            var lines = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                    .lines()
                    .toList();
            lines.subList(Math.max(0, lines.size() - 25), lines.size())
                    .forEach(line -> out.append(line).append('\n'));
        } catch (IOException none) {
            out.append(none).append('\n');
        }
    }
}
