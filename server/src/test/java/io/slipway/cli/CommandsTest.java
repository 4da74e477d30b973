package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Repository;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.problem.ProblemKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandsTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void checkSaysWhatItRead() {
        assertThat(run("check", "-f", Repository.example("lab").toString())).isZero();
        assertThat(out.toString()).contains("cluster lab, 3 nodes").contains("52:54:00:77:00:11");
    }

    @Test
    void theConsoleOfAMachineThatIsOffIsRefused(@TempDir Path directory) throws Exception {
        Path socket = Files.createDirectories(directory.resolve("nodes/node1")).resolve("serial.sock");
        for (boolean left : new boolean[] {false, true}) {
            if (left) {
                try (var machine = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                    machine.bind(UnixDomainSocketAddress.of(socket));
                }
                assertThat(socket).exists();
            }
            assertThat(run("lab", "console", "--state", directory.toString(), "node1"))
                    .isEqualTo(ProblemKind.NOT_FOUND.exitStatus());
            assertThat(err.toString())
                    .contains("no machine \"node1\" that is on")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void checkEndsWithStatusTwoAndEveryProblem(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("cluster.yaml");
        Files.writeString(
                file,
                Files.readString(Repository.example("lab"))
                        .replace("10.77.0.12", "10.78.0.12")
                        .replace("minSize: 6G", "minSize: plenty"));
        assertThat(run("check", "-f", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("plenty").contains("Do: ");
    }

    @Test
    void absentFileIsSaid(@TempDir Path directory) {
        assertThat(run("check", "-f", directory.resolve("none.yaml").toString()))
                .isEqualTo(3);
        assertThat(err.toString()).contains("There is no file").contains("slipway init");
    }

    @Test
    void schemaIsJson() throws Exception {
        assertThat(run("schema")).isZero();
        assertThat(new ObjectMapper().readTree(out.toString()).get("$schema").asText())
                .contains("2020-12");
    }

    @Test
    void initWritesAFileThatIsRightAndDoesNotReplaceOne(@TempDir Path directory) {
        Path file = directory.resolve("cluster.yaml");
        String[] arguments = {
            "init",
            "--name",
            "shelf",
            "--subnet",
            "192.168.1.0/24",
            "--serve",
            "192.168.1.5",
            "--gateway",
            "192.168.1.1",
            "--mirror",
            "/srv/slackware64-current",
            "--uplink",
            "192.168.1.100-192.168.1.120",
            "--node",
            "node1=52:54:00:00:00:01",
            "--node",
            "node2=52:54:00:00:00:02",
            "--node",
            "node3=52:54:00:00:00:03,192.168.1.33",
            "-o",
            file.toString()
        };
        assertThat(run(arguments)).as(err.toString()).isZero();
        assertThat(ClusterYamlReader.read(file).nodes()).hasSize(3);
        assertThat(run(arguments)).isEqualTo(4);
    }

    @Test
    void initWritesNothingWhenTheAnswersMakeNoCluster(@TempDir Path directory) {
        Path file = directory.resolve("cluster.yaml");
        assertThat(run(
                        "init",
                        "--name",
                        "shelf",
                        "--subnet",
                        "192.168.1.0/24",
                        "--serve",
                        "10.0.0.1",
                        "--mirror",
                        "/srv/slackware64-current",
                        "--node",
                        "node1=52:54:00:00:00:01",
                        "-o",
                        file.toString()))
                .isEqualTo(2);
        assertThat(file).doesNotExist();
        assertThat(err.toString()).contains("serve.address");
    }

    @Test
    void whatFollowsANodesNameIsTheNodesOwn(@TempDir Path directory) {
        // There is no lab there, so the options were understood.
        assertThat(run("lab", "ssh", "--state", directory.toString(), "node1", "uname", "-a"))
                .as(err.toString())
                .isEqualTo(3);
        assertThat(run("lab", "run", "--state", directory.toString(), "node", "show", "node1", "--json"))
                .isEqualTo(3);
        assertThat(err.toString()).contains("There is no lab").doesNotContain("Unknown option");
    }

    @Test
    void everyCommandHasADescriptionAndAnExample() {
        check(Main.commandLine());
    }

    private static void check(CommandLine line) {
        for (CommandLine command : line.getSubcommands().values()) {
            var usage = command.getCommandSpec().usageMessage();
            assertThat(usage.description()).as(command.getCommandName()).isNotEmpty();
            if (command.getSubcommands().isEmpty()) {
                assertThat(String.join("\n", usage.footer()))
                        .as("example of %s", command.getCommandName())
                        .contains("slipway ");
            }
            check(command);
        }
    }
}
