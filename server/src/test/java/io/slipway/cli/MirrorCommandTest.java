package io.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.Repository;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.mirror.SmallMirror;
import io.slipway.mirror.Snapshot;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.Samples;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorCommandTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        var line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    @Test
    void aSnapshotIsTakenFromTheMirrorBesideTheClusterFileAndListed() throws Exception {
        Path file = cluster("");
        String state = directory.resolve("state").toString();
        assertThat(run("mirror", "sync", "-f", file.toString(), "--state", state))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).startsWith("Snapshot \"lab\" is taken: 3 packages, ");
        assertThat(err.toString()).contains("Checking and storing");

        out.getBuffer().setLength(0);
        assertThat(run("mirror", "sync", "-f", file.toString(), "--state", state))
                .isZero();
        assertThat(out.toString()).startsWith("Snapshot \"lab\" was there already");

        out.getBuffer().setLength(0);
        assertThat(run("mirror", "list", "--state", state, "--json")).isZero();
        var listed = new ObjectMapper().readTree(out.toString());
        assertThat(listed.size()).isEqualTo(1);
        assertThat(listed.get(0).get("name").asText()).isEqualTo("lab");
        assertThat(listed.get(0).get("packages").asInt()).isEqualTo(3);
    }

    private Path cluster(String more) throws Exception {
        var mirror = new SmallMirror(directory.resolve("tree"), directory.resolve("keys"));
        return Files.writeString(
                directory.resolve("cluster.yaml"),
                Files.readString(Repository.example("lab"))
                                .replaceAll("  (series|add): .*\n", "")
                                .replace(
                                        "  snapshot: lab\n",
                                        "  snapshot: lab\n  series: [a, n]\n  fingerprint: "
                                                + mirror.wanted("lab").fingerprint() + "\n")
                        + more);
    }

    @Test
    void whatTheStacksAreBuiltOfIsTakenAlong() throws Exception {
        Samples.write(directory.resolve("own"), Samples.files("alpha", "1.0", ""));
        Files.writeString(
                directory.resolve("own/stacks.yaml"),
                "stacks:\n  mine: {description: x, slackbuilds: [alpha], series: [a, xap]}\n");
        Path file = cluster("\npackages: {stacks: [mine], slackbuilds: [own]}\n");
        Path state = directory.resolve("state");

        assertThat(run("mirror", "sync", "-f", file.toString(), "--state", state.toString()))
                .as(err.toString())
                .isZero();
        assertThat(Snapshot.get(state, "lab").packages())
                .extracting(entry -> entry.file().name())
                .contains("gimp", "openssh");
        assertThat(ClusterYamlReader.read(file).slackware().series()).containsExactly("a", "n");
    }

    @Test
    void withoutSnapshotsTheListSaysHowToTakeOne() {
        assertThat(run("mirror", "list", "--state", directory.toString())).isZero();
        assertThat(out.toString()).contains("slipway mirror sync");
    }

    @Test
    void aMirrorThatIsNotThereEndsWithItsStatus() {
        assertThat(run(
                        "mirror",
                        "sync",
                        "-f",
                        Repository.example("lab").toString(),
                        "--mirror",
                        directory.resolve("nowhere").toString(),
                        "--state",
                        directory.resolve("state").toString()))
                .isEqualTo(ProblemKind.NOT_FOUND.exitStatus());
        assertThat(err.toString()).contains("nowhere").contains("Do: ");
    }
}
